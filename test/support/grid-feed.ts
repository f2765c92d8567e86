import { setTimeout as sleep } from 'node:timers/promises';

import { Kafka, logLevel, type Producer } from 'kafkajs';

import { appliances, thresholds } from '../../src/core/appliances/registry.ts';
import { dutycycle, history, powerraw } from '../../src/core/messages/messages.ts';
import { type Topic, TOPICS } from '../../src/core/messages/topics.ts';

/** One appliance that switches between off and its power. */
interface FedAppliance {
  readonly houseId: string;
  readonly applianceId: string;
  readonly name: string;
  readonly watts: number;
  readonly periodMs: number;
  readonly phaseMs: number;
  readonly thresholdW: number;
}

/** How far apart an appliance's readings are, ms. */
const INTERVAL_MS = 500;
const BUCKET_MS = 5_000;

/** The only house with a usual power: neither of the first playback nor the one that draws most. */
const HOUSE_WITH_HISTORY = '1_1_2';

/**
 * Feeds a grid with messages of all three topics whose content is a function of time alone: readings of a few houses
 * with mains, duty cycles of their windows, and history's slots of one of them.
 */
export class GridFeed {
  readonly #windowMs: number;
  readonly #slotMs: number;
  readonly #producer: Producer;
  readonly #appliances: readonly FedAppliance[];
  readonly #silent = new Set<string>();
  readonly #stop = new AbortController();
  #nextMs: number;
  #running: Promise<void> | undefined;

  /**
   * @param windowMs length of a duty-cycle window, a multiple of 5 s.
   * @param slotMs distance of history's slots, a multiple of 5 s.
   * @param backMs how far into the past the first reading lies.
   */
  constructor(brokers: string, windowMs: number, slotMs: number, backMs: number) {
    this.#windowMs = windowMs;
    this.#slotMs = slotMs;
    const kafka = new Kafka({ clientId: 'grid-feed', brokers: [brokers], logLevel: logLevel.NOTHING });
    this.#producer = kafka.producer({ allowAutoTopicCreation: false });
    this.#appliances = fedAppliances();
    this.#nextMs = Math.floor((Date.now() - backMs) / this.#slotMs) * this.#slotMs;
  }

  /** Sends the past, then continues with the present until it is stopped. Resolves when the past is sent. */
  async start(): Promise<void> {
    await this.#producer.connect();
    await this.#catchUp();
    this.#running = this.#goOn();
  }

  /** From now on nothing is heard of this house. */
  silence(houseId: string): void {
    this.#silent.add(houseId);
  }

  /** @throws whatever stopped it before. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#producer.disconnect();
  }

  async #goOn(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#catchUp();
      await sleep(50);
    }
  }

  async #catchUp(): Promise<void> {
    while (this.#nextMs <= Date.now()) {
      const at = this.#nextMs;
      await this.#send(
        TOPICS.powerraw,
        this.#appliances
          .filter(({ houseId }) => !this.#silent.has(houseId))
          .map((appliance) => [appliance.houseId, powerraw.encode(readingOf(appliance, at))]),
      );
      if (at % BUCKET_MS === 0) {
        const windows = this.#appliances.map((appliance) => windowOf(appliance, at - this.#windowMs, at));
        await this.#send(
          TOPICS.dutycycle,
          windows.map((window) => [window.house_id, dutycycle.encode(window)]),
        );
      }
      if (at % this.#slotMs === 0) {
        await this.#send(
          TOPICS.history,
          this.#appliances
            .filter(({ houseId }) => houseId === HOUSE_WITH_HISTORY)
            .map((appliance) => [appliance.houseId, history.encode(slotOf(appliance, at))]),
        );
      }
      this.#nextMs += INTERVAL_MS;
    }
  }

  async #send(topic: Topic, messages: readonly (readonly [string, Buffer])[]): Promise<void> {
    const timestamp = this.#nextMs.toString();
    await this.#producer.send({ topic, messages: messages.map(([key, value]) => ({ key, value, timestamp })) });
  }
}

/** Four houses, each with a mains channel and eight different appliances. */
function fedAppliances(): FedAppliance[] {
  const known = appliances().filter(({ role }) => role === 'appliance');
  const byName = thresholds().names;
  return ['1_0_1', '1_1_2', '2_0_1', '2_1_3'].flatMap((houseId, house) => [
    fed(houseId, 1, 'mains', 2_000, byName.mains ?? 1),
    ...Array.from({ length: 8 }, (_, index) => {
      const entry = known[(house * 11 + index * 5) % known.length];
      if (entry === undefined) {
        throw new Error('the registry has no appliances');
      }
      return fed(houseId, index + 3, entry.name, entry.on_threshold_w * (2 + index), entry.on_threshold_w);
    }),
  ]);
}

function fed(houseId: string, channel: number, name: string, watts: number, thresholdW: number): FedAppliance {
  const applianceId = `${houseId}_${channel}`;
  return {
    houseId,
    applianceId,
    name,
    watts,
    thresholdW,
    periodMs: 20_000 + channel * 7_000,
    phaseMs: channel * 3_100,
  };
}

/** Two thirds of its period it draws its power, else a tenth of its threshold. */
function powerOf(appliance: FedAppliance, at: number): number {
  const phase = ((at + appliance.phaseMs) % appliance.periodMs) / appliance.periodMs;
  return phase < 2 / 3 ? appliance.watts : appliance.thresholdW / 10;
}

const idsOf = (appliance: FedAppliance): { house_id: string; appliance_id: string; appliance_name: string } => ({
  house_id: appliance.houseId,
  appliance_id: appliance.applianceId,
  appliance_name: appliance.name,
});

const readingOf = (appliance: FedAppliance, at: number): Parameters<typeof powerraw.encode>[0] => ({
  ...idsOf(appliance),
  timestamp: at,
  power: powerOf(appliance, at),
  interval_ms: INTERVAL_MS,
});

function windowOf(appliance: FedAppliance, start: number, end: number): Parameters<typeof dutycycle.encode>[0] {
  const powers: number[] = [];
  for (let at = start; at < end; at += INTERVAL_MS) {
    powers.push(powerOf(appliance, at));
  }
  const on = powers.filter((power) => power >= appliance.thresholdW).length;
  return {
    ...idsOf(appliance),
    window_start: start,
    window_end: end,
    duty_cycle: on / powers.length,
    coverage: 1,
    on_ms: on * INTERVAL_MS,
    observed_ms: powers.length * INTERVAL_MS,
    mean_power: powers.reduce((sum, power) => sum + power, 0) / powers.length,
    readings: powers.length,
  };
}

const slotOf = (appliance: FedAppliance, at: number): Parameters<typeof history.encode>[0] => ({
  ...idsOf(appliance),
  timestamp: at,
  mean_power: (appliance.watts * 2) / 3,
  days: 5,
  coverage: 1,
});
