import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { type CanaryOptions, runCanary } from '../../../src/canary/canary.ts';
import { type CanaryEvent, parseCanaryEvent } from '../../../src/canary/events.ts';
import type { AskNewest } from '../../../src/canary/probes.ts';
import { Heartbeat } from '../../../src/core/clock/heartbeat.ts';
import { MemorySink } from '../replay/memory-sink.ts';

const NOW_MS = 1_700_000_000_300;
const SLIDE_MS = 5_000;

beforeEach(() => {
  jest.useFakeTimers({ now: NOW_MS, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
});
afterEach(() => {
  jest.useRealTimers();
});

interface Scene {
  readonly sink: MemorySink;
  readonly events: CanaryEvent[];
  readonly stop: () => Promise<void>;
  /** Settles when the canary has ended. */
  readonly ended: Promise<void>;
}

/** A canary before a Druid that shows readings and windows so many ms after they were sent or have ended. */
function scene(
  options: {
    readingMs?: number;
    windowMs?: number;
    maxGapMs?: number;
    ask?: AskNewest;
    figures?: CanaryOptions['figures'];
    others?: CanaryOptions['others'];
    heartbeat?: CanaryOptions['heartbeat'];
  } = {},
): Scene {
  const { readingMs = 120, windowMs = 2_400, maxGapMs = 1_250 } = options;
  const sink = new MemorySink();
  const events: CanaryEvent[] = [];
  const controller = new AbortController();
  const seen = (newest: number | undefined, sinceMs: number): Promise<number | undefined> =>
    Promise.resolve(newest !== undefined && newest >= sinceMs ? newest : undefined);
  const run = runCanary({
    sink,
    ask: {
      powerraw:
        options.ask ??
        ((sinceMs) =>
          seen(
            sink.readings.filter(({ writtenAt }) => writtenAt + readingMs <= Date.now()).at(-1)?.timestamp,
            sinceMs,
          )),
      dutycycle: (sinceMs) => seen(Math.floor((Date.now() - windowMs) / SLIDE_MS) * SLIDE_MS, sinceMs),
    },
    ...(options.figures && { figures: options.figures }),
    ...(options.others && { others: options.others }),
    ...(options.heartbeat && { heartbeat: options.heartbeat }),
    intervalMs: 1_000,
    maxGapMs,
    emit: (event) => events.push(parseCanaryEvent(JSON.stringify(event))),
    signal: controller.signal,
    complain: () => undefined,
  });
  return {
    sink,
    events,
    ended: run,
    stop: async () => {
      controller.abort();
      await jest.advanceTimersByTimeAsync(100);
      await run;
    },
  };
}

const measured = (events: readonly CanaryEvent[], dataSource: string): number[] =>
  events.flatMap((event) => (event.event === 'freshness' && event.data_source === dataSource ? [event.ms] : []));

describe('the canary', () => {
  test('sends a reading on every whole second, each for the second before it', async () => {
    const { sink, events, stop } = scene();
    await jest.advanceTimersByTimeAsync(5_000);
    await stop();
    expect(sink.readings.map(({ timestamp }) => timestamp - 1_700_000_000_000)).toEqual([
      1_000, 2_000, 3_000, 4_000, 5_000,
    ]);
    expect(sink.readings.map(({ intervalMs }) => intervalMs)).toEqual([0, 1_000, 1_000, 1_000, 1_000]);
    expect(sink.readings[0]).toMatchObject({ houseId: '0_canary', applianceId: '0_canary_1', applianceName: 'canary' });
    expect(events.at(-1)).toMatchObject({ event: 'stopped', sent: 5, acknowledged: 5, failed_queries: 0 });
  });

  test('claims no more than a reading may stand for at a high speed', async () => {
    const { sink, stop } = scene({ maxGapMs: 250 });
    await jest.advanceTimersByTimeAsync(3_000);
    await stop();
    expect(sink.readings.map(({ intervalMs }) => intervalMs)).toEqual([0, 250, 250]);
  });

  test('measures each reading once, from produce to first seen, to within a poll', async () => {
    const { sink, events, stop } = scene({ readingMs: 120 });
    await jest.advanceTimersByTimeAsync(10_400);
    await stop();
    const values = measured(events, 'powerraw');
    expect(values).toHaveLength(sink.readings.length);
    for (const ms of values) {
      expect(ms).toBeGreaterThanOrEqual(120);
      expect(ms).toBeLessThanOrEqual(180);
    }
  });

  test('measures windows from their end, but for the first, which may have been there before', async () => {
    const { events, stop } = scene({ windowMs: 2_400 });
    await jest.advanceTimersByTimeAsync(30_000);
    await stop();
    const values = measured(events, 'dutycycle');
    // Windows end every 5 s; one is the first, and one is not due before the end.
    expect(values.length).toBeGreaterThanOrEqual(4);
    for (const ms of values) {
      expect(ms).toBeGreaterThanOrEqual(2_400);
      expect(ms).toBeLessThanOrEqual(2_460);
    }
  });

  test('continues while Druid does not answer, counts that, and measures the whole wait', async () => {
    const state = { away: true };
    const held: { sink?: MemorySink } = {};
    const { sink, events, stop } = scene({
      ask: (sinceMs) => {
        if (state.away) {
          return Promise.reject(new Error('starting'));
        }
        const newest = held.sink?.readings.at(-1)?.timestamp;
        return Promise.resolve(newest !== undefined && newest >= sinceMs ? newest : undefined);
      },
    });
    held.sink = sink;
    await jest.advanceTimersByTimeAsync(4_000);
    state.away = false;
    await jest.advanceTimersByTimeAsync(200);
    await stop();
    const values = measured(events, 'powerraw');
    expect(values).toHaveLength(sink.readings.length);
    expect(Math.max(...values)).toBeGreaterThan(3_000);
    expect(events.at(-1)).toMatchObject({ event: 'stopped' });
    const stopped = events.at(-1);
    expect(stopped?.event === 'stopped' && stopped.failed_queries > 20).toBe(true);
  });

  test('sends nothing while brokers are away, nor afterwards while others catch up', async () => {
    const state = { isAtPresent: true, told: 0 };
    const others = {
      mayBeBehind: () => void (state.told += 1),
      areAtPresent: () => Promise.resolve(state.isAtPresent),
    };
    const { sink, stop } = scene({ others });
    await jest.advanceTimersByTimeAsync(2_000);
    sink.prompt = false;
    await jest.advanceTimersByTimeAsync(10_000);
    const before = sink.readings.length;
    expect(before).toBe(3);
    expect(state.told).toBeGreaterThan(0);
    state.isAtPresent = false;
    sink.prompt = true;
    sink.acknowledge();
    await jest.advanceTimersByTimeAsync(8_000);
    expect(sink.readings).toHaveLength(before);
    state.isAtPresent = true;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(sink.readings.length).toBeGreaterThan(before + 1);
    await stop();
  });

  test('sends nothing while it can not be known whether others catch up, and counts the questions', async () => {
    const others = { mayBeBehind: () => undefined, areAtPresent: () => Promise.reject(new Error('away')) };
    const { sink, events, stop } = scene({ others });
    await jest.advanceTimersByTimeAsync(3_000);
    await stop();
    expect(sink.readings).toEqual([]);
    expect(events.at(-1)).toMatchObject({ event: 'stopped', failed_queries: 3 });
  });

  test('leaves out what fell due while the process was stopped', async () => {
    const heartbeat = new Heartbeat();
    const { sink, stop } = scene({ heartbeat });
    await jest.advanceTimersByTimeAsync(2_000);
    jest.setSystemTime(Date.now() + 20_000);
    const resumedMs = Date.now();
    await jest.advanceTimersByTimeAsync(3_000);
    await stop();
    heartbeat.end();
    expect(sink.readings.slice(0, 2).every(({ timestamp }) => timestamp < resumedMs - 20_000)).toBe(true);
    expect(sink.readings.length).toBeGreaterThan(3);
    expect(sink.readings.slice(2).every(({ timestamp }) => timestamp >= resumedMs)).toBe(true);
  });

  test('ends when the process was stopped with a reading under way: its client would send it, too late', async () => {
    const heartbeat = new Heartbeat();
    const { sink, events, ended } = scene({ heartbeat });
    await jest.advanceTimersByTimeAsync(2_000);
    sink.prompt = false;
    await jest.advanceTimersByTimeAsync(1_000);
    jest.setSystemTime(Date.now() + 20_000);
    const end = expect(ended).rejects.toThrow(/stopped with a reading under way/);
    await jest.advanceTimersByTimeAsync(2_000);
    await end;
    heartbeat.end();
    expect(events.at(-1)).toMatchObject({ event: 'stopped', sent: 3, acknowledged: 2 });
  });

  test('reports what the grid draws as often as it was told, and continues when Druid does not answer', async () => {
    const found = { power_kw: 12, sheddable_kw: 7, appliances: 40, readings_per_s: 960 };
    const answers = [Promise.resolve(found), Promise.reject(new Error('away')), Promise.resolve(undefined)];
    const { events, stop } = scene({
      figures: { everyMs: 10_000, ask: () => answers.shift() ?? Promise.resolve({ ...found, power_kw: 13 }) },
    });
    await jest.advanceTimersByTimeAsync(35_000);
    await stop();
    const reported = events.flatMap((event) => (event.event === 'grid' ? [event] : []));
    expect(reported.map(({ power_kw }) => power_kw)).toEqual([12, 13]);
    expect(reported[1]?.at_ms).toBe(NOW_MS + 30_000);
    expect(events.at(-1)).toMatchObject({ event: 'stopped', failed_queries: 1 });
  });
});
