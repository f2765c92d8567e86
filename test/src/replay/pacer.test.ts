import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { Heartbeat } from '../../../src/core/clock/heartbeat.ts';
import { SinkError } from '../../../src/kafka/producer/record-sink.ts';
import { Cohort, type Skips } from '../../../src/replay/cohort.ts';
import { HouseReadings } from '../../../src/replay/house-readings.ts';
import { LoopClock } from '../../../src/replay/loop-clock.ts';
import { MAX_SKEW_MS, Pacer } from '../../../src/replay/pacer.ts';
import { ReplayStream } from '../../../src/replay/replay-streams.ts';
import { memoryHouse } from './memory-house.ts';
import { MemorySink } from './memory-sink.ts';

const DAY_MS = 86_400_000;
const EPOCH_MS = 1_700_000_000_000;

beforeEach(() => {
  jest.useFakeTimers({ now: EPOCH_MS, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Houses with one appliance each that reads every `everyMs`, in so many playbacks that share their readers. */
async function houses(
  sink: MemorySink,
  count: number,
  everyMs: number,
  playbacks = 1,
  skips: Skips = { same_instant: 0, backfilled_before: 0, while_stopped: 0 },
): Promise<Cohort[]> {
  const cohorts: Cohort[] = [];
  for (let house = 0; house < count; house += 1) {
    const given = Array.from({ length: 60_000 / everyMs }, (_, index) => ({
      at: index * everyMs + house,
      channel: 0,
      power: 1,
    }));
    const clock = new LoopClock({ loop: { startMs: 0, days: 1 }, speed: 1, epochMs: EPOCH_MS, shiftDays: 0 });
    const readings = new HouseReadings({
      house: memoryHouse(String(house), ['kettle'], given, 64),
      clock,
      counts: { rows: 0, readings: 0, missing: 0, rejected: new Map() },
      readers: 1,
    });
    const first = Uint32Array.from({ length: playbacks }, (_, playback) => {
      const houseId = `1_${playback}_${house}`;
      return sink.appliance({ houseId, applianceId: `${houseId}_1`, applianceName: 'kettle' });
    });
    const cohort = new Cohort({
      readings,
      channels: 1,
      group: { first, factor: new Float64Array(playbacks).fill(1) },
      offsetMs: 0,
      maxGapMs: 30_000,
      skipSpans: [],
      skips,
      sink,
    });
    const stream = new ReplayStream(readings, [cohort], 0);
    await stream.open(EPOCH_MS);
    cohorts.push(cohort);
  }
  return cohorts;
}

function start(
  sink: MemorySink,
  cohorts: readonly Cohort[],
  heartbeat?: Heartbeat,
): { pacer: Pacer; stop: () => Promise<void> } {
  const controller = new AbortController();
  const pacer = new Pacer({ sink, heartbeat, now: Date.now, signal: controller.signal });
  pacer.add(cohorts);
  const live = pacer.live();
  return {
    pacer,
    stop: async () => {
      controller.abort();
      heartbeat?.end();
      await live;
    },
  };
}

describe('the pacer', () => {
  test('sends every reading when it is due: never before, and at most a slice after', async () => {
    const sink = new MemorySink();
    const { pacer, stop } = start(sink, await houses(sink, 5, 100));
    await jest.advanceTimersByTimeAsync(2_000);
    await stop();
    expect(sink.readings).toHaveLength(5 * 20);
    for (const { timestamp, writtenAt } of sink.readings) {
      expect(writtenAt).toBeGreaterThanOrEqual(timestamp);
      expect(writtenAt - timestamp).toBeLessThanOrEqual(26);
    }
    expect(pacer.lateMsMax).toBeLessThanOrEqual(1);
  });

  test('sleeps while nothing is due', async () => {
    const sink = new MemorySink();
    const { stop } = start(sink, await houses(sink, 1, 20_000));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(jest.getTimerCount()).toBe(1);
    const before = Date.now();
    await jest.advanceTimersToNextTimerAsync();
    expect(Date.now() - before).toBeGreaterThan(18_000);
    await stop();
  });

  test('stops ahead of a reading that is not acknowledged, by half the watermark and no more', async () => {
    const sink = new MemorySink();
    sink.prompt = false;
    const { stop } = start(sink, await houses(sink, 3, 50));
    await jest.advanceTimersByTimeAsync(10_000);
    const spread = (sink.readings.at(-1)?.timestamp ?? NaN) - (sink.readings[0]?.timestamp ?? NaN);
    expect(spread).toBeLessThan(MAX_SKEW_MS);
    expect(spread).toBeGreaterThan(MAX_SKEW_MS - 100);
    await stop();
  });

  test('says how late it is, and catches up in order of time', async () => {
    const sink = new MemorySink();
    sink.prompt = false;
    const { pacer, stop } = start(sink, await houses(sink, 3, 50));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(pacer.takeLateMs()).toBeGreaterThan(8_500);
    sink.prompt = true;
    sink.acknowledge();
    const before = sink.readings.length;
    await jest.advanceTimersByTimeAsync(2_400);
    // Other producers first: what they have under way is as old as what was acknowledged just now.
    expect(sink.readings).toHaveLength(before);
    await jest.advanceTimersByTimeAsync(300);
    await stop();
    expect(sink.readings).toHaveLength(3 * 254);
    expect(pacer.takeLateMs()).toBeGreaterThan(8_500);
    expect(pacer.takeLateMs()).toBeLessThan(100);
    expect(pacer.lateMsMax).toBeGreaterThan(8_500);
    let newest = -Infinity;
    for (const { timestamp } of sink.readings) {
      // Houses of one step go one after the other.
      expect(timestamp).toBeGreaterThan(newest - 250);
      newest = Math.max(newest, timestamp);
    }
  });

  test('tells how late its readings were sent as a distribution, the whole of a standstill in it', async () => {
    const sink = new MemorySink();
    const { pacer, stop } = start(sink, await houses(sink, 3, 50));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(pacer.takeLateness().max).toBeLessThanOrEqual(26);
    sink.prompt = false;
    await jest.advanceTimersByTimeAsync(9_000);
    sink.prompt = true;
    sink.acknowledge();
    await jest.advanceTimersByTimeAsync(2_600);
    await stop();
    const { p50, p99, max } = pacer.takeLateness();
    // Some eight of nine seconds' readings waited for what was left of them, and for other producers.
    expect(p50).toBeGreaterThan(4_500);
    expect(p50).toBeLessThan(6_500);
    expect(p99).toBeGreaterThan(10_000);
    expect(max).toBeLessThan(11_500);
    const { lateness, unacknowledged } = pacer.takeWhole();
    expect(lateness.max).toBe(max);
    // The reading at which it stood still was the oldest one all the time.
    expect(unacknowledged.max).toBeGreaterThan(900);
  });

  test('sends nothing more once it is aborted, however much is due', async () => {
    const sink = new MemorySink();
    sink.prompt = false;
    const { stop } = start(sink, await houses(sink, 3, 50));
    await jest.advanceTimersByTimeAsync(10_000);
    const { sent } = sink.counts;
    const stopping = stop();
    sink.prompt = true;
    sink.acknowledge();
    await stopping;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(sink.counts.sent).toBe(sent);
  });

  test('ends with the error of a sink that gives up', async () => {
    const sink = new MemorySink();
    sink.prompt = false;
    const controller = new AbortController();
    const pacer = new Pacer({ sink, now: Date.now, signal: controller.signal });
    pacer.add(await houses(sink, 1, 50));
    const live = expect(pacer.live()).rejects.toThrow('no more');
    await jest.advanceTimersByTimeAsync(5_000);
    sink.fail(new SinkError('no more'));
    await live;
  });

  test('sends no more than a bounded number ahead of acknowledgement when it is not paced', async () => {
    const sink = new MemorySink();
    const streams = await houses(sink, 4, 50, 25);
    const signal = new AbortController().signal;
    const pacer = new Pacer({ sink, now: Date.now, signal, maxPending: 1_000 });
    pacer.add(streams);
    sink.prompt = false;
    const sending = pacer.sendBefore(EPOCH_MS + DAY_MS / 2, 3_000);
    for (let rounds = 0; rounds < 100 && sink.counts.sent < 3_000; rounds += 1) {
      await jest.advanceTimersByTimeAsync(1);
      sink.acknowledge(100);
    }
    expect(await sending).toBe(3_000);
    expect(sink.pendingMax).toBe(1_000);
  });

  test('passes over what fell due while the process was stopped, counts it, and continues at the clock', async () => {
    const sink = new MemorySink();
    const skips: Skips = { same_instant: 0, backfilled_before: 0, while_stopped: 0 };
    const { stop } = start(sink, await houses(sink, 2, 100, 3, skips), new Heartbeat());
    await jest.advanceTimersByTimeAsync(1_000);
    const stoppedMs = Date.now();
    // The clock advances and no timer fires, as under SIGSTOP.
    jest.setSystemTime(stoppedMs + 30_000);
    const resumedMs = Date.now();
    await jest.advanceTimersByTimeAsync(1_000);
    await stop();
    const late = sink.readings.filter(({ timestamp, writtenAt }) => writtenAt - timestamp > MAX_SKEW_MS);
    expect(late).toEqual([]);
    // The pacer wakes up to 100 ms after it is continued.
    const resumed = sink.readings.filter(({ timestamp }) => timestamp >= resumedMs).length;
    expect(resumed).toBeGreaterThanOrEqual(2 * 3 * 9);
    expect(skips.while_stopped + sink.readings.length).toBe(2 * 3 * 320);
  });

  test('catches up after a pause that Spark can wait for, and after an outage of the brokers', async () => {
    const sink = new MemorySink();
    const skips: Skips = { same_instant: 0, backfilled_before: 0, while_stopped: 0 };
    const { stop } = start(sink, await houses(sink, 2, 100, 1, skips), new Heartbeat());
    await jest.advanceTimersByTimeAsync(1_000);
    jest.setSystemTime(Date.now() + 1_200);
    await jest.advanceTimersByTimeAsync(500);
    await stop();
    expect(skips.while_stopped).toBe(0);
    expect(sink.readings).toHaveLength(2 * 27);
  });
});
