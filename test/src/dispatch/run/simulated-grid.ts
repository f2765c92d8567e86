/** Houses, a network and a clock for tests of the dispatcher: real gateways and real messages, and time that is told. */
import { generateKeyPairSync } from 'node:crypto';

import { type Command, signCommand, signStop, type Stop } from '../../../../src/core/shed/command.ts';
import { parseHouseTopic } from '../../../../src/core/shed/mqtt-topics.ts';
import { parseReport } from '../../../../src/core/shed/reports.ts';
import type { NewCall } from '../../../../src/dispatch/event/shed-event.ts';
import type { Plan } from '../../../../src/dispatch/plan.ts';
import type { ShedRequest } from '../../../../src/dispatch/request.ts';
import type { DispatchClock } from '../../../../src/dispatch/run/dispatcher.ts';
import type { HouseLink, HouseLinkHandlers } from '../../../../src/dispatch/run/house-link.ts';
import type { Planning } from '../../../../src/dispatch/run/planning.ts';
import { type GatewayEffect, HomeGateway } from '../../../../src/homes/gateway.ts';
import { houseRules } from '../../../../src/homes/house-rules.ts';

const pair = generateKeyPairSync('ed25519');
const KEY = { id: 'k1', key: pair.privateKey };
const KEYS = new Map([['k1', pair.publicKey]]);

/** One way over the network, ms. */
const LATENCY_MS = 20;
const SPEED = 24;

export class FakeClock implements DispatchClock {
  #nowMs: number;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, ms), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Lets everything happen that is due until then, in order. */
  async runTo(endMs: number): Promise<void> {
    await settle();
    for (;;) {
      const [next] = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) {
        break;
      }
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await settle();
    }
    this.#nowMs = endMs;
  }
}

/** All promises that wait for nothing but each other. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export interface Switching {
  readonly atMs: number;
  readonly appliance: string;
  readonly isOn: boolean;
}

/** Houses `1_0_0` to `1_0_N`, each with a refrigerator, its appliance 5. */
export class SimulatedGrid {
  readonly clock: FakeClock;
  readonly houses = new Map<string, HomeGateway>();
  readonly switched: Switching[] = [];
  /** Every command as it was sent. */
  readonly sent: Command[] = [];
  /** Houses that hear nothing. */
  readonly deaf = new Set<string>();
  #handlers: HouseLinkHandlers | undefined;

  constructor(houses: number, nowMs: number) {
    this.clock = new FakeClock(nowMs);
    for (let index = 0; index < houses; index += 1) {
      const house = `1_0_${index}`;
      const rules = houseRules([{ id: applianceOf(house), name: 'refrigerator' }], SPEED);
      this.houses.set(house, new HomeGateway({ house, rules, keys: KEYS }));
    }
  }

  /** The dispatcher that opened it last is heard and hears; the ones before are cut off. */
  openLink(handlers: HouseLinkHandlers): Promise<HouseLink> {
    this.#handlers = handlers;
    const isCurrent = (): boolean => this.#handlers === handlers;
    return Promise.resolve({
      send: (command: Command) => {
        if (isCurrent()) {
          this.sent.push(command);
          this.#deliver(command.house, (gateway) =>
            gateway.receive(Buffer.from(signCommand(command, KEY)), { nowMs: this.clock.now() }),
          );
        }
        return Promise.resolve();
      },
      stop: (stop: Stop) => {
        for (const house of isCurrent() ? this.houses.keys() : []) {
          this.#deliver(house, (gateway) =>
            gateway.receiveStop(Buffer.from(signStop(stop, KEY)), { nowMs: this.clock.now() }),
          );
        }
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  }

  optOut(house: string): void {
    this.#do(house, (gateway) => gateway.optOut({}, this.clock.now()));
  }

  get off(): string[] {
    return [...this.houses.values()].flatMap(({ off }) => off);
  }

  #deliver(house: string, what: (gateway: HomeGateway) => GatewayEffect[]): void {
    if (!this.deaf.has(house)) {
      this.clock.after(LATENCY_MS, () => this.#do(house, what));
    }
  }

  #do(house: string, what: (gateway: HomeGateway) => GatewayEffect[]): void {
    const gateway = this.houses.get(house);
    for (const effect of gateway ? what(gateway) : []) {
      if (effect.kind === 'switch') {
        this.switched.push({ atMs: this.clock.now(), appliance: effect.appliance, isOn: effect.isOn });
      } else if (effect.kind === 'publish') {
        const { topic, payload } = effect.publication;
        this.clock.after(LATENCY_MS, () => this.#report(topic, payload));
      }
    }
    if (gateway && gateway.nextMs < Infinity) {
      this.clock.after(gateway.nextMs - this.clock.now(), () => this.#do(house, (one) => one.tick(this.clock.now())));
    }
  }

  #report(topic: string, payload: string): void {
    const from = parseHouseTopic(topic);
    const report = from ? parseReport(from.kind, from.house, Buffer.from(payload)) : 'house';
    if (typeof report === 'string') {
      throw new Error(`a house sends no report but ${report}: ${payload}`);
    }
    this.#handlers?.onReport(report);
  }
}

export const applianceOf = (house: string): string => `${house}_5`;

export const START_JITTER_MS = 500;
export const RELEASE_JITTER_MS = 1_000;
export const EVENT_MS = 20_000;
const NOTICE_MS = 500;
const EACH_W = 100;

/** Calls as many houses as the target needs, 100 W each, in their order. */
export function planningOf(grid: {
  readonly houses: ReadonlyMap<string, unknown>;
  readonly clock: DispatchClock;
}): Planning {
  const callsFrom = (startMs: number, endMs: number, watts: number, isFree: (house: string) => boolean): NewCall[] =>
    [...grid.houses.keys()]
      .filter(isFree)
      .slice(0, Math.ceil(watts / EACH_W))
      .map((houseId) => ({
        applianceId: applianceOf(houseId),
        houseId,
        notBeforeMs: startMs,
        untilMs: endMs,
        maxOffMs: 37_500,
        expectedW: EACH_W,
        variance: 1,
      }));
  return {
    plan: (request, { held, isOptedOut }) => {
      const startMs = grid.clock.now() + NOTICE_MS;
      const calls = callsFrom(startMs, startMs + EVENT_MS, request.targetW, (house) => {
        return !held.has(applianceOf(house)) && !isOptedOut(house, applianceOf(house));
      });
      const { targetW, minutes } = request;
      return Promise.resolve({
        plan: planText(request),
        onClock: {
          hash: 'h1',
          targetW,
          minutes,
          startMs,
          endMs: startMs + EVENT_MS,
          promisedW: targetW,
          startJitterMs: START_JITTER_MS,
          releaseJitterMs: RELEASE_JITTER_MS,
          calls,
        },
      });
    },
    replace: (event, lostW, { held, isOptedOut }) =>
      Promise.resolve(
        callsFrom(grid.clock.now(), event.endMs ?? 0, lostW, (house) => {
          return !held.has(applianceOf(house)) && !isOptedOut(house, applianceOf(house));
        }),
      ),
    change: (event, { targetW, minutes }) =>
      Promise.resolve({
        hash: 'h2',
        targetW,
        minutes,
        endMs: event.endMs ?? 0,
        promisedW: targetW,
        add: [],
        release: Object.keys(event.houses)
          .slice(Math.ceil(targetW / EACH_W))
          .map(applianceOf),
      }),
  };
}

function planText({ eventId, feeder, targetW, minutes }: ShedRequest): Plan {
  return {
    version: 1,
    eventId,
    feeder,
    targetW,
    minutes,
    startJitterMin: 0,
    releaseJitterMin: 0,
    calls: [],
    holdOut: [],
    waves: [],
    expectedW: targetW,
    promisedW: targetW,
    shortW: 0,
    rebound: { peakW: 0, energyKwh: 0 },
    candidates: 0,
    excluded: {},
  };
}
