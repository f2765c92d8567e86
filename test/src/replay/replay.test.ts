import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { SinkError } from '../../../src/kafka/producer/record-sink.ts';
import type { ReplayEvent } from '../../../src/replay/events.ts';
import { parseReplayEvent } from '../../../src/replay/events.ts';
import { powerFactor } from '../../../src/replay/identity.ts';
import { offsetOf } from '../../../src/replay/offset.ts';
import { Replay, type ReplayOptions } from '../../../src/replay/replay.ts';
import { type GivenReading, memoryHouse } from './memory-house.ts';
import { MemorySink, type WrittenReading } from './memory-sink.ts';

const DAY_MS = 86_400_000;
const SPEED = 24;
const NOW_MS = 1_700_000_000_300;

beforeEach(() => {
  jest.useFakeTimers({ now: NOW_MS, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Two days of a fridge every 24 s and a kettle every 48 s of grid time: 1 and 2 s on the clock. */
const given = Array.from({ length: (2 * DAY_MS) / 24_000 }, (_, index) => [
  { at: index * 24_000, channel: 0, power: 100 },
  ...(index % 2 === 0 ? [{ at: index * 24_000 + 12_000, channel: 1, power: 2_000 }] : []),
]).flat();

function replayOf(options: Partial<ReplayOptions> = {}): { replay: Replay; sink: MemorySink; events: ReplayEvent[] } {
  const sink = new MemorySink();
  const events: ReplayEvent[] = [];
  const replay = new Replay({
    houses: [
      {
        dataSet: 'REDD',
        house: memoryHouse('1', ['refrigerator', 'kettle'], given, 500),
        loop: { startMs: 0, days: 2 },
      },
    ],
    from: 0,
    to: 1,
    speed: SPEED,
    seed: '1',
    backfillMs: 0,
    skipSpans: [],
    drainMs: 1_000,
    nameOf: ({ label }) => label,
    sink,
    // Through the text, so that what is printed can be read back.
    emit: (event) => events.push(parseReplayEvent(JSON.stringify(event))),
    ...options,
  });
  return { replay, sink, events };
}

async function runFor(replay: Replay, ms: number): Promise<void> {
  const run = replay.run();
  await jest.advanceTimersByTimeAsync(ms);
  replay.stop('signal');
  await jest.advanceTimersByTimeAsync(10);
  await run;
}

function eventOf<Kind extends ReplayEvent['event']>(
  events: readonly ReplayEvent[],
  kind: Kind,
): Extract<ReplayEvent, { event: Kind }> {
  const found = events.find((event): event is Extract<ReplayEvent, { event: Kind }> => event.event === kind);
  if (!found) {
    throw new Error(`no event ${kind}`);
  }
  return found;
}

const of = (readings: readonly WrittenReading[], appliance: string): WrittenReading[] =>
  readings.filter(({ applianceId }) => applianceId === appliance);

describe('a replay', () => {
  test('for 30 days stops after 30 days, and sleeps through a gap of 31 days in its data', async () => {
    const gap = 31 * DAY_MS;
    const at = (ms: number): GivenReading => ({ at: ms, channel: 0, power: 1 });
    const sparse = [at(0), at(1_000), at(gap), at(gap + 1_000)];
    const { replay, sink, events } = replayOf({
      houses: [{ dataSet: 'REDD', house: memoryHouse('1', ['kettle'], sparse), loop: { startMs: 0, days: 32 } }],
      speed: 1,
      epochMs: Math.ceil(NOW_MS / 1_000) * 1_000 + 5_000,
      forMs: 30 * DAY_MS,
    });
    // The timer of the progress would be called a million times.
    jest.spyOn(globalThis, 'setInterval').mockReturnValue(0 as unknown as ReturnType<typeof setInterval>);
    const waits = jest.spyOn(globalThis, 'setTimeout');
    const run = replay.run();
    await jest.advanceTimersByTimeAsync(29 * DAY_MS);
    expect(events.some(({ event }) => event === 'stopped')).toBe(false);
    expect(sink.readings).toHaveLength(2);
    expect(waits.mock.calls.length).toBeLessThan(30);
    await jest.advanceTimersByTimeAsync(2 * DAY_MS);
    await run;
    expect(eventOf(events, 'stopped').reason).toBe('duration');
    expect(sink.readings).toHaveLength(2);
  });

  test('gives each house and appliance its ids, and each house its factor', async () => {
    const { replay, sink } = replayOf({ from: 1, to: 4 });
    await runFor(replay, 10_000);
    expect(new Set(sink.readings.map(({ applianceId }) => applianceId))).toEqual(
      new Set(['1_1_1_1', '1_1_1_2', '1_2_1_1', '1_2_1_2', '1_3_1_1', '1_3_1_2']),
    );
    for (const { houseId, applianceName, power } of sink.readings) {
      expect(power).toBeCloseTo((applianceName === 'kettle' ? 2_000 : 100) * powerFactor('1', houseId), 6);
    }
  });

  test('reads the files of playbacks with the same shift once', async () => {
    const { replay, events } = replayOf({ from: 0, to: 100 });
    await runFor(replay, 2_500);
    expect(eventOf(events, 'started')).toMatchObject({ houses: 100, appliances: 200, streams: 2 });
  });

  test('sends every reading of many playbacks once and in order, each playback at its own offset', async () => {
    const { replay, sink, events } = replayOf({ from: 3, to: 63 });
    await runFor(replay, 20_000);
    const { epoch_ms: epochMs } = eventOf(events, 'started');
    const { live_from_ms: liveFrom } = eventOf(events, 'backfilled');
    const lastMs = sink.readings.at(-1)?.writtenAt ?? NaN;
    const offsets = new Set<number>();
    for (let playback = 3; playback < 63; playback += 1) {
      const offset = offsetOf(playback, SPEED);
      offsets.add(offset);
      // The fridge is read every second of the clock, from the epoch and the playback's offset on.
      const first = epochMs + offset + Math.ceil((liveFrom - epochMs - offset) / 1_000) * 1_000;
      const instants = of(sink.readings, `1_${playback}_1_1`).map(({ timestamp }) => timestamp);
      const due = Math.floor((lastMs - first) / 1_000);
      expect(instants.length - due).toBeGreaterThanOrEqual(0);
      expect(instants.length - due).toBeLessThanOrEqual(1);
      expect(instants).toEqual(instants.map((_, index) => first + index * 1_000));
    }
    expect(offsets.size).toBeGreaterThan(15);
    const { lateness_ms: lateness } = eventOf(events, 'stopped');
    expect(lateness.max).toBeLessThanOrEqual(26);
  });

  test('spreads what would fall due at one instant over the second', async () => {
    const { replay, sink } = replayOf({ to: 1_000 });
    await runFor(replay, 5_000);
    const bySlice = new Map<number, number>();
    for (const { writtenAt } of sink.readings) {
      bySlice.set(writtenAt, (bySlice.get(writtenAt) ?? 0) + 1);
    }
    // 1,500 readings a second in slices of 25 ms: offsets lie within half a second at this speed.
    expect(Math.max(...bySlice.values())).toBeLessThan(150);
  });

  test('continues where the clock is when it is started again with its epoch', async () => {
    const first = replayOf({ from: 0, to: 3 });
    await runFor(first.replay, 60_000);
    const epochMs = eventOf(first.events, 'started').epoch_ms;
    const again = replayOf({ from: 0, to: 3, epochMs });
    await runFor(again.replay, 60_000);
    const whole = replayOf({ from: 0, to: 3, epochMs });
    jest.setSystemTime(NOW_MS);
    await runFor(whole.replay, 120_020);
    const key = ({ applianceId, timestamp, power }: WrittenReading): string => `${applianceId} ${timestamp} ${power}`;
    const parts = [...first.sink.readings, ...again.sink.readings].map(key);
    expect(new Set(parts).size).toBe(parts.length);
    const wholeKeys = new Set(whole.sink.readings.map(key));
    expect(parts.filter((part) => !wholeKeys.has(part))).toEqual([]);
    // While the second one opened its files and agreed on a beginning, readings fell due that were not sent.
    expect(wholeKeys.size - parts.length).toBeLessThan(3 * 2 * 3);
  });

  test('without a past begins at a whole second ahead, with nothing from before it', async () => {
    const { replay, sink, events } = replayOf({ to: 2 });
    await runFor(replay, 10_000);
    const { live_from_ms: liveFrom, readings } = eventOf(events, 'backfilled');
    expect(readings).toBe(0);
    expect(liveFrom % 1_000).toBe(0);
    expect(liveFrom - NOW_MS).toBeGreaterThanOrEqual(1_000);
    expect(liveFrom - NOW_MS).toBeLessThanOrEqual(2_000);
    for (const { timestamp } of sink.readings) {
      expect(timestamp).toBeGreaterThanOrEqual(liveFrom);
    }
  });

  test('replays the past of the first playback alone, whole, and telescopes over the beginning of live', async () => {
    const { replay, sink, events } = replayOf({ to: 3, backfillMs: DAY_MS });
    await runFor(replay, 10_000);
    const { live_from_ms: liveFrom, readings, offsets } = eventOf(events, 'backfilled');
    const past = sink.readings.filter(({ timestamp }) => timestamp < liveFrom);
    expect(past).toHaveLength(readings);
    expect(offsets).toEqual({ 0: readings });
    expect(new Set(past.map(({ houseId }) => houseId))).toEqual(new Set(['1_0_1']));
    // What is before live is written before live.
    expect(sink.readings.slice(0, readings)).toEqual(past);
    const fridge = of(sink.readings, '1_0_1_1');
    expect(fridge[0]?.timestamp).toBeGreaterThanOrEqual(NOW_MS - DAY_MS / SPEED);
    expect(fridge[0]?.timestamp).toBeLessThan(NOW_MS - DAY_MS / SPEED + 1_000);
    const span = (fridge.at(-1)?.timestamp ?? NaN) - (fridge[0]?.timestamp ?? NaN);
    expect(fridge.reduce((sum, { intervalMs }) => sum + intervalMs, 0)).toBe(span);
    expect(fridge).toHaveLength(span / 1_000 + 1);
    for (const appliance of ['1_1_1_1', '1_2_1_2']) {
      expect(of(sink.readings, appliance)[0]?.intervalMs).toBe(0);
    }
  });

  test('gives all other playbacks a shorter past, whole, without what they have already', async () => {
    const othersMs = 3_600_000 / SPEED;
    const [skip] = [{ fromMs: NOW_MS - 100_000, toMs: NOW_MS - 50_000 }];
    const { replay, sink, events } = replayOf({
      ...{ to: 3, backfillMs: DAY_MS, othersBackfillMs: 3_600_000, othersSkipSpans: [skip] },
    });
    await runFor(replay, 10_000);
    const { live_from_ms: liveFrom, readings } = eventOf(events, 'backfilled');
    expect(sink.readings.filter(({ timestamp }) => timestamp < liveFrom)).toHaveLength(readings);
    for (const id of ['1_1_1_1', '1_2_1_1']) {
      const times = of(sink.readings, id).map(({ timestamp }) => timestamp);
      expect(times[0]).toBeGreaterThanOrEqual(NOW_MS - othersMs);
      expect(times[0]).toBeLessThan(NOW_MS - othersMs + 1_000);
      // A reading a second: what is left out is the span alone, and live continues without a gap.
      const steps = times.slice(1).map((time, index) => time - (times[index] ?? NaN));
      expect(steps.filter((step) => step !== 1_000)).toEqual([51_000]);
      expect(times.filter((time) => time >= skip.fromMs && time < skip.toMs)).toEqual([]);
    }
    // The first playback has its own past, of which nothing is left out.
    const first = of(sink.readings, '1_0_1_1').map(({ timestamp }) => timestamp);
    expect(first[0]).toBeLessThan(NOW_MS - DAY_MS / SPEED + 1_000);
    expect(first.filter((time) => time >= skip.fromMs && time < skip.toMs)).toHaveLength(50);
  });

  test('fills only the gaps between spans that have readings', async () => {
    const skipSpans = [{ fromMs: NOW_MS - 2_000_000, toMs: NOW_MS - 1_000_000 }];
    const { replay, sink, events } = replayOf({ backfillMs: DAY_MS, skipSpans });
    await runFor(replay, 5_000);
    const inside = sink.readings.filter(
      ({ timestamp }) => timestamp >= NOW_MS - 2_000_000 && timestamp < NOW_MS - 1_000_000,
    );
    expect(inside).toEqual([]);
    expect(eventOf(events, 'stopped').skipped).toMatchObject({ backfilled_before: 1_500 });
  });

  test('stops after the time it was given, counted from the beginning of live, and says what it did', async () => {
    const { replay, sink, events } = replayOf({ forMs: 5_000 });
    const run = replay.run();
    await jest.advanceTimersByTimeAsync(20_000);
    await run;
    const liveFrom = eventOf(events, 'backfilled').live_from_ms;
    const newest = sink.readings.at(-1)?.timestamp ?? NaN;
    expect(newest).toBeGreaterThan(liveFrom + 3_900);
    expect(newest).toBeLessThan(liveFrom + 5_000);
    expect(eventOf(events, 'stopped')).toMatchObject({
      reason: 'duration',
      sent: sink.readings.length,
      acknowledged: sink.readings.length,
      failed: 0,
    });
  });

  test('unpaced, ends after the readings it was asked for', async () => {
    const { replay, sink, events } = replayOf({ unpaced: { readings: 20_000 }, to: 2 });
    const run = replay.run();
    await jest.advanceTimersByTimeAsync(5_000);
    await run;
    expect(sink.readings).toHaveLength(20_000);
    expect(eventOf(events, 'stopped').reason).toBe('readings');
  });

  test('gives up on acknowledgements that do not come after it was stopped, and says how many', async () => {
    const { replay, sink, events } = replayOf();
    sink.prompt = false;
    const run = expect(replay.run()).rejects.toThrow(
      new SinkError('2 readings were not acknowledged within 1 s of stopping'),
    );
    await jest.advanceTimersByTimeAsync(3_000);
    replay.stop('signal');
    await jest.advanceTimersByTimeAsync(2_000);
    await run;
    expect(eventOf(events, 'stopped')).toMatchObject({ sent: 2, acknowledged: 0 });
  });
});
