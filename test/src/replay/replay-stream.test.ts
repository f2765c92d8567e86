import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { Cohort, type Skips } from '../../../src/replay/cohort.ts';
import { EmptyLoopError, HouseReadings } from '../../../src/replay/house-readings.ts';
import { LoopClock } from '../../../src/replay/loop-clock.ts';
import { ReplayStream } from '../../../src/replay/replay-streams.ts';
import type { Span } from '../../../src/replay/spans.ts';
import { type GivenReading, memoryHouse } from './memory-house.ts';
import { MemorySink } from './memory-sink.ts';

const DAY_MS = 86_400_000;
/** The data's first midnight. */
const START_MS = 1_000_000 * DAY_MS + 5 * 3_600_000;
/** When playback 0 is there. */
const EPOCH_MS = 1_700_000_000_000;

interface Taken {
  readonly channel: number;
  readonly timestamp: number;
  readonly power: number;
  readonly intervalMs: number;
}

interface Setting {
  readonly given: readonly GivenReading[];
  readonly days?: number;
  readonly speed?: number;
  readonly shiftDays?: number;
  readonly maxGapMs?: number;
  readonly skipSpans?: readonly Span[];
  readonly labels?: readonly string[];
  /** Offsets of cohorts of one house each, ms. */
  readonly offsetsMs?: readonly number[];
}

interface Scene {
  readonly stream: ReplayStream;
  /** By cohort what it sent. */
  readonly taken: Taken[][];
  readonly skips: Skips;
}

/** Cohorts of one house each that share its readings. */
function scene(setting: Setting): Scene {
  const skips: Skips = { same_instant: 0, backfilled_before: 0, while_stopped: 0 };
  const {
    days = 1,
    speed = 1,
    shiftDays = 0,
    maxGapMs = 30_000,
    skipSpans = [],
    labels = ['fridge', 'kettle'],
    offsetsMs = [0],
  } = setting;
  const clock = new LoopClock({ loop: { startMs: START_MS, days }, speed, epochMs: EPOCH_MS, shiftDays });
  const counts = { rows: 0, readings: 0, missing: 0, rejected: new Map<string, number>() };
  const house = memoryHouse('1', labels, setting.given);
  const readings = new HouseReadings({ house, clock, counts, readers: offsetsMs.length });
  const taken: Taken[][] = [];
  const cohorts = offsetsMs.map((offsetMs) => {
    const sink = new MemorySink();
    const numbers = labels.map((label, channel) =>
      sink.appliance({ houseId: '1_0_1', applianceId: String(channel), applianceName: label }),
    );
    const group = { first: Uint32Array.of(numbers[0] ?? NaN), factor: Float64Array.of(1) };
    const sent: Taken[] = [];
    taken.push(sent);
    sink.onWrite = ({ applianceId, timestamp, power, intervalMs }) =>
      sent.push({ channel: Number(applianceId), timestamp, power, intervalMs });
    return new Cohort({ readings, channels: labels.length, group, offsetMs, maxGapMs, skipSpans, skips, sink });
  });
  return { stream: new ReplayStream(readings, cohorts, Math.max(...offsetsMs)), taken, skips };
}

/** Sends what falls due before `untilMs`. */
async function sendAll(cohort: Cohort | undefined, untilMs: number): Promise<void> {
  if (!cohort) {
    throw new RangeError('no cohort');
  }
  while (cohort.due < untilMs) {
    cohort.send(untilMs, Infinity);
    if (cohort.exhausted) {
      await cohort.refill();
    }
  }
}

/** Everything that the first cohort sends from `fromMs` to before `untilMs`. */
async function takeAll({ stream, taken }: Scene, fromMs: number, untilMs: number): Promise<Taken[]> {
  await stream.open(fromMs);
  await sendAll(stream.cohorts[0], untilMs);
  await stream.close();
  return taken[0] ?? [];
}

/** Readings of channel 0 at these seconds after the data's first midnight, with the second as their power. */
const atSeconds = (...seconds: number[]): GivenReading[] =>
  seconds.map((second) => ({ at: START_MS + second * 1_000, channel: 0, power: second }));

describe('a stream of a house', () => {
  test('puts readings onto the wall clock, faster by the speed', async () => {
    const house = scene({ given: atSeconds(0, 24, 48), speed: 24, maxGapMs: 1_250 });
    expect(await takeAll(house, EPOCH_MS, EPOCH_MS + 10_000)).toEqual([
      { channel: 0, timestamp: EPOCH_MS, power: 0, intervalMs: 0 },
      { channel: 0, timestamp: EPOCH_MS + 1_000, power: 24, intervalMs: 1_000 },
      { channel: 0, timestamp: EPOCH_MS + 2_000, power: 48, intervalMs: 1_000 },
    ]);
  });

  test('starts a shifted playback that many days into the loop', async () => {
    const given = [...atSeconds(60), { at: START_MS + DAY_MS + 60_000, channel: 0, power: 2 }];
    const house = scene({ given, days: 2, shiftDays: 1 });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + 2 * DAY_MS);
    expect(taken.map(({ timestamp, power }) => [timestamp - EPOCH_MS, power])).toEqual([
      [60_000, 2],
      [DAY_MS + 60_000, 60],
    ]);
  });

  test('goes round forever at the same time of day, before the epoch as well as after it', async () => {
    const house = scene({ given: atSeconds(10, 20) });
    const taken = await takeAll(house, EPOCH_MS - DAY_MS, EPOCH_MS + 2 * DAY_MS);
    expect(taken.map(({ timestamp }) => (timestamp - EPOCH_MS) / 1_000)).toEqual(
      [-1, 0, 1].flatMap((round) => [round * 86_400 + 10, round * 86_400 + 20]),
    );
  });

  test('leaves out readings before the loop and after its end', async () => {
    const given = [...atSeconds(-5, 5), { at: START_MS + DAY_MS + 1_000, channel: 0, power: 9 }];
    const house = scene({ given });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + DAY_MS);
    expect(taken.map(({ power }) => power)).toEqual([5]);
  });

  test('lets a long silence stand for the maximum gap only', async () => {
    const house = scene({ given: atSeconds(0, 29, 59, 3_600) });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + DAY_MS);
    expect(taken.map(({ intervalMs }) => intervalMs)).toEqual([0, 29_000, 30_000, 30_000]);
  });

  test('keeps intervals apart by appliance', async () => {
    const given = [
      ...atSeconds(0, 10),
      { at: START_MS + 4_000, channel: 1, power: 1 },
      { at: START_MS + 11_000, channel: 1, power: 1 },
    ];
    const house = scene({ given });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + DAY_MS);
    expect(taken.map(({ channel, intervalMs }) => [channel, intervalMs])).toEqual([
      [0, 0],
      [1, 0],
      [0, 10_000],
      [1, 7_000],
    ]);
  });

  test('counts a reading that falls onto the same millisecond as the one before, and lets the earlier stand', async () => {
    const given = [0, 10, 20, 240].map((ms) => ({ at: START_MS + ms, channel: 0, power: ms }));
    const house = scene({ given, speed: 120 });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + 10);
    expect(taken.map(({ timestamp, power }) => [timestamp - EPOCH_MS, power])).toEqual([
      [0, 0],
      [2, 240],
    ]);
    expect(house.skips.same_instant).toBe(2);
  });

  test('hands out nothing inside spans that have their readings, and counts no time twice', async () => {
    const house = scene({
      given: atSeconds(0, 5, 10, 15, 20, 25),
      skipSpans: [{ fromMs: EPOCH_MS + 9_000, toMs: EPOCH_MS + 17_000 }],
    });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + DAY_MS);
    expect(taken.map(({ power, intervalMs }) => [power, intervalMs])).toEqual([
      [0, 0],
      [5, 5_000],
      [20, 3_000],
      [25, 5_000],
    ]);
    expect(house.skips.backfilled_before).toBe(2);
  });

  test('opened in the middle gives exactly what one opened earlier gives from there on', async () => {
    const seconds = fc.uniqueArray(fc.integer({ min: 0, max: 86_399 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        seconds,
        fc.integer({ min: -DAY_MS, max: 2 * DAY_MS }),
        fc.double({ min: 1, max: 120, noNaN: true }),
        async (at, offset, speed) => {
          const given = atSeconds(...at);
          const middle = EPOCH_MS + Math.round(offset / speed);
          const until = EPOCH_MS + Math.round((3 * DAY_MS) / speed);
          const from = EPOCH_MS - Math.round((2 * DAY_MS) / speed);
          const early = await takeAll(scene({ given, speed }), from, until);
          const late = await takeAll(scene({ given, speed }), middle, until);
          expect(late.map(({ timestamp, power }) => [timestamp, power])).toEqual(
            early.filter(({ timestamp }) => timestamp >= middle).map(({ timestamp, power }) => [timestamp, power]),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test('has intervals that add up to the time between its first and its last reading', async () => {
    const house = scene({
      given: atSeconds(...Array.from({ length: 2_000 }, (_, index) => index * 3)),
      speed: 7,
    });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + 850_000);
    const sum = taken.reduce((total, { intervalMs }) => total + intervalMs, 0);
    expect(taken).toHaveLength(1_984);
    expect(sum).toBe((taken.at(-1)?.timestamp ?? NaN) - EPOCH_MS);
  });

  test('passes over what lies before the beginning of live as if it had never been', async () => {
    const house = scene({ given: atSeconds(0, 5, 10, 15) });
    await house.stream.open(EPOCH_MS);
    await house.stream.discardBefore(EPOCH_MS + 6_000);
    await sendAll(house.stream.cohorts[0], EPOCH_MS + 20_000);
    await house.stream.close();
    const [first] = house.taken[0] ?? [];
    expect(first).toMatchObject({ timestamp: EPOCH_MS + 10_000, intervalMs: 0 });
  });

  test('refuses a house without readings instead of going round forever', async () => {
    const house = scene({ given: [] });
    await expect(house.stream.open(EPOCH_MS)).rejects.toThrow(EmptyLoopError);
  });

  test('gives every cohort the same readings, each later by its offset, in whatever order they are asked', async () => {
    const seconds = fc.uniqueArray(fc.integer({ min: 0, max: 86_399 }), { minLength: 1, maxLength: 30 });
    const offsets = fc.uniqueArray(fc.integer({ min: 0, max: 12_000 }), { minLength: 1, maxLength: 5 });
    const turns = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: DAY_MS })), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(seconds, offsets, turns, async (at, offsetsMs, order) => {
        const given = atSeconds(...at);
        const until = EPOCH_MS + 2 * DAY_MS;
        const { stream, taken } = scene({ given, offsetsMs });
        await stream.open(EPOCH_MS);
        for (const [turn, laterMs] of order) {
          await sendAll(stream.cohorts[turn % offsetsMs.length], EPOCH_MS + laterMs);
        }
        for (const cohort of stream.cohorts) {
          await sendAll(cohort, until);
        }
        await stream.close();
        for (const [index, offsetMs] of offsetsMs.entries()) {
          // What one alone, with the data themselves later by the offset, would send.
          const later = given.map((reading) => ({ ...reading, at: reading.at + offsetMs }));
          const wrapped = later.map(({ at: ms, ...reading }) => ({
            ...reading,
            at: START_MS + ((ms - START_MS) % DAY_MS),
          }));
          expect(taken[index]).toEqual(await takeAll(scene({ given: wrapped }), EPOCH_MS, until));
        }
      }),
      { numRuns: 50 },
    );
  });
});
