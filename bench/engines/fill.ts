/** Fills a topic with made-up readings, as fast as our own sink can: what downstream cases read. */
import { DirectSink } from '../../src/kafka/producer/direct-sink.ts';

export interface Fill {
  /** host:port */
  readonly brokers: string;
  readonly topic: string;
  readonly appliances: number;
  /** Readings per second of each appliance, wall clock. */
  readonly hz: number;
  readonly readings: number;
}

const APPLIANCES_PER_HOUSE = 20;
const NAMES = ['refrigerator', 'washer dryer', 'lighting', 'dishwasher', 'electric heat', 'television', 'kettle'];
/** How many readings may wait for the brokers. */
const MOST_PENDING = 200_000;

/**
 * Readings in time order up to now, evenly spread: each appliance has a phase of its own, and is on for two fifths of
 * the time.
 */
export async function fillTopic(fill: Fill): Promise<void> {
  const { appliances, hz, readings } = fill;
  const periodMs = 1_000 / hz;
  const firstMs = Math.floor(Date.now() - 1_000 - (readings / appliances) * periodMs);
  const sink = new DirectSink({
    kafka: { brokers: [fill.brokers], auth: 'none', clientId: 'bench' },
    topic: fill.topic,
    connectTimeoutMs: 30_000,
    log: () => undefined,
  });
  await sink.open();
  try {
    for (let index = 0; index < appliances; index += 1) {
      const houseId = `1_${Math.floor(index / APPLIANCES_PER_HOUSE)}_1`;
      const applianceId = `${houseId}_${(index % APPLIANCES_PER_HOUSE) + 1}`;
      sink.appliance({ houseId, applianceId, applianceName: NAMES[index % NAMES.length] ?? '' });
    }
    for (let reading = 0; reading < readings; reading += 1) {
      const index = reading % appliances;
      const round = Math.floor(reading / appliances);
      const timestamp = Math.floor(firstMs + (round + index / appliances) * periodMs);
      const isOn = (round + index) % 50 < 20;
      sink.write(index, timestamp, isOn ? 100 + (index % 900) : 1, round === 0 ? 0 : Math.round(periodMs));
      while (sink.pending > MOST_PENDING) {
        sink.flush();
        await sink.acknowledgement();
      }
    }
    await sink.drain();
  } finally {
    await sink.close();
  }
}
