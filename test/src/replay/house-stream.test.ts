import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { EmptyLoopError, HouseStream, type Skips } from '../../../src/replay/house-stream.ts';
import { LoopClock } from '../../../src/replay/loop-clock.ts';
import type { Span } from '../../../src/replay/spans.ts';
import { memoryHouse, type GivenReading } from './memory-house.ts';

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
}

function stream(setting: Setting): { stream: HouseStream; skips: Skips } {
  const skips: Skips = { same_instant: 0, backfilled_before: 0 };
  const {
    days = 1,
    speed = 1,
    shiftDays = 0,
    maxGapMs = 30_000,
    skipSpans = [],
    labels = ['fridge', 'kettle'],
  } = setting;
  const clock = new LoopClock({ loop: { startMs: START_MS, days }, speed, epochMs: EPOCH_MS, shiftDays });
  const counts = { rows: 0, readings: 0, missing: 0, rejected: new Map<string, number>() };
  const house = memoryHouse('1', labels, setting.given);
  return { stream: new HouseStream({ house, clock, maxGapMs, skipSpans, counts, skips }), skips };
}

/** Everything that falls due from `fromMs` to before `untilMs`. */
async function takeAll(houseStream: HouseStream, fromMs: number, untilMs: number): Promise<Taken[]> {
  const taken: Taken[] = [];
  await houseStream.open(fromMs);
  while (houseStream.due < untilMs) {
    houseStream.take(untilMs, Infinity, (channel, timestamp, power, intervalMs) => {
      taken.push({ channel, timestamp, power, intervalMs });
    });
    if (houseStream.exhausted) await houseStream.refill();
  }
  await houseStream.close();
  return taken;
}

/** Readings of channel 0 at these seconds after the data's first midnight, with the second as their power. */
const atSeconds = (...seconds: number[]): GivenReading[] =>
  seconds.map((second) => ({ at: START_MS + second * 1_000, channel: 0, power: second }));

describe('a stream of a house', () => {
  test('puts readings onto the wall clock, faster by the speed', async () => {
    const { stream: house } = stream({ given: atSeconds(0, 24, 48), speed: 24, maxGapMs: 1_250 });
    expect(await takeAll(house, EPOCH_MS, EPOCH_MS + 10_000)).toEqual([
      { channel: 0, timestamp: EPOCH_MS, power: 0, intervalMs: 0 },
      { channel: 0, timestamp: EPOCH_MS + 1_000, power: 24, intervalMs: 1_000 },
      { channel: 0, timestamp: EPOCH_MS + 2_000, power: 48, intervalMs: 1_000 },
    ]);
  });

  test('starts a shifted playback that many days into the loop', async () => {
    const given = [...atSeconds(60), { at: START_MS + DAY_MS + 60_000, channel: 0, power: 2 }];
    const { stream: house } = stream({ given, days: 2, shiftDays: 1 });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + 2 * DAY_MS);
    expect(taken.map(({ timestamp, power }) => [timestamp - EPOCH_MS, power])).toEqual([
      [60_000, 2],
      [DAY_MS + 60_000, 60],
    ]);
  });

  test('goes round for ever at the same time of day, before the epoch as well as after it', async () => {
    const { stream: house } = stream({ given: atSeconds(10, 20) });
    const taken = await takeAll(house, EPOCH_MS - DAY_MS, EPOCH_MS + 2 * DAY_MS);
    expect(taken.map(({ timestamp }) => (timestamp - EPOCH_MS) / 1_000)).toEqual(
      [-1, 0, 1].flatMap((round) => [round * 86_400 + 10, round * 86_400 + 20]),
    );
  });

  test('leaves out readings before the loop and after its end', async () => {
    const given = [...atSeconds(-5, 5), { at: START_MS + DAY_MS + 1_000, channel: 0, power: 9 }];
    const { stream: house } = stream({ given });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + DAY_MS);
    expect(taken.map(({ power }) => power)).toEqual([5]);
  });

  test('lets a long silence stand for the maximum gap only', async () => {
    const { stream: house } = stream({ given: atSeconds(0, 29, 59, 3_600) });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + DAY_MS);
    expect(taken.map(({ intervalMs }) => intervalMs)).toEqual([0, 29_000, 30_000, 30_000]);
  });

  test('keeps intervals apart by appliance', async () => {
    const given = [
      ...atSeconds(0, 10),
      { at: START_MS + 4_000, channel: 1, power: 1 },
      { at: START_MS + 11_000, channel: 1, power: 1 },
    ];
    const { stream: house } = stream({ given });
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
    const { stream: house, skips } = stream({ given, speed: 120 });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + 10);
    expect(taken.map(({ timestamp, power }) => [timestamp - EPOCH_MS, power])).toEqual([
      [0, 0],
      [2, 240],
    ]);
    expect(skips.same_instant).toBe(2);
  });

  test('hands out nothing inside spans that have their readings, and counts no time twice', async () => {
    const { stream: house, skips } = stream({
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
    expect(skips.backfilled_before).toBe(2);
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
          const early = await takeAll(stream({ given, speed }).stream, from, until);
          const late = await takeAll(stream({ given, speed }).stream, middle, until);
          expect(late.map(({ timestamp, power }) => [timestamp, power])).toEqual(
            early.filter(({ timestamp }) => timestamp >= middle).map(({ timestamp, power }) => [timestamp, power]),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test('has intervals that add up to the time between its first and its last reading', async () => {
    const { stream: house } = stream({
      given: atSeconds(...Array.from({ length: 2_000 }, (_, index) => index * 3)),
      speed: 7,
    });
    const taken = await takeAll(house, EPOCH_MS, EPOCH_MS + 850_000);
    const sum = taken.reduce((total, { intervalMs }) => total + intervalMs, 0);
    expect(taken).toHaveLength(1_984);
    expect(sum).toBe((taken.at(-1)?.timestamp ?? NaN) - EPOCH_MS);
  });

  test('passes over what lies before the beginning of live as if it had never been', async () => {
    const { stream: house } = stream({ given: atSeconds(0, 5, 10, 15) });
    await house.open(EPOCH_MS);
    await house.discardBefore(EPOCH_MS + 6_000);
    const taken: number[] = [];
    house.take(EPOCH_MS + 20_000, Infinity, (_, timestamp, __, intervalMs) =>
      taken.push(timestamp - EPOCH_MS, intervalMs),
    );
    await house.close();
    expect(taken.slice(0, 2)).toEqual([10_000, 0]);
  });

  test('refuses a house without readings instead of going round for ever', async () => {
    const { stream: house } = stream({ given: [] });
    await expect(house.open(EPOCH_MS)).rejects.toThrow(EmptyLoopError);
  });
});
