import { describe, expect, test } from '@jest/globals';

import { TrailCheck } from '../../../../src/dispatch/audit-check/verify.ts';
import { dispatchPolicyOf } from '../../../../src/dispatch/event/dispatch-policy.ts';
import { callsOf, type EventRequest } from '../../../../src/dispatch/event/shed-event.ts';
import { type EventLog, EventLogError, type LoggedStep } from '../../../../src/dispatch/log/event-log.ts';
import { MemoryLog, MemoryTopics } from '../../../../src/dispatch/log/memory-log.ts';
import { RecordReader } from '../../../../src/dispatch/log/records.ts';
import { Dispatcher, type DispatcherOptions } from '../../../../src/dispatch/run/dispatcher.ts';
import {
  applianceOf,
  EVENT_MS,
  planningOf,
  RELEASE_JITTER_MS,
  SimulatedGrid,
  START_JITTER_MS,
} from './simulated-grid.ts';

const NOW = 1_000_000;
const policy = dispatchPolicyOf();

const request = (id: string, targetW: number): EventRequest => ({
  id,
  feeder: 'F1',
  targetW,
  minutes: 8,
  reason: 'test',
  requestedBy: 'ann',
  confirmedBy: null,
});

const optionsOf = (grid: SimulatedGrid, log: EventLog): DispatcherOptions => ({
  log,
  openLink: (handlers) => grid.openLink(handlers),
  planning: planningOf(grid),
  policy,
  clock: grid.clock,
  stopJitterMs: 200,
});

async function begin(houses = 5) {
  const grid = new SimulatedGrid(houses, NOW);
  const topics = new MemoryTopics();
  const dispatcher = await Dispatcher.start(optionsOf(grid, new MemoryLog(topics)));
  return { grid, topics, dispatcher };
}

function verdictOf(topics: MemoryTopics) {
  const reader = new RecordReader();
  topics.state.forEach((record) => reader.add(record));
  const check = new TrailCheck([reader.head().audit]);
  topics.audit.forEach((record) => check.add(record));
  return check.verdict();
}

/** How long each appliance was off, ms, by appliance. */
function timesOff({ switched }: SimulatedGrid): Map<string, number[]> {
  const times = new Map<string, number[]>();
  const since = new Map<string, number>();
  for (const { atMs, appliance, isOn } of switched) {
    if (isOn) {
      times.set(appliance, [...(times.get(appliance) ?? []), atMs - (since.get(appliance) ?? NaN)]);
    } else {
      since.set(appliance, atMs);
    }
  }
  return times;
}

describe('the dispatcher', () => {
  test('runs an event from a request to its end', async () => {
    const { grid, topics, dispatcher } = await begin();
    const plan = await dispatcher.propose(request('e1', 300));
    expect(plan.promisedW).toBe(300);
    expect(dispatcher.event('e1')?.phase).toBe('planned');
    await dispatcher.start('e1', 'ann');
    expect(dispatcher.event('e1')?.phase).toBe('notified');
    await grid.clock.runTo(NOW + 2_000);
    expect(dispatcher.event('e1')?.phase).toBe('active');
    expect(grid.off).toEqual(['1_0_0', '1_0_1', '1_0_2'].map(applianceOf));
    expect(dispatcher.figures).toMatchObject({ commands: 3, faults: {}, ignored: {} });
    await grid.clock.runTo(NOW + 60_000);
    expect(dispatcher.event('e1')?.phase).toBe('done');
    expect(grid.off).toEqual([]);
    expect([...timesOff(grid).values()].map((times) => times.length)).toEqual([1, 1, 1]);
    for (const [time = Infinity] of timesOff(grid).values()) {
      expect(time).toBeGreaterThanOrEqual(EVENT_MS - START_JITTER_MS);
      expect(time).toBeLessThanOrEqual(EVENT_MS + RELEASE_JITTER_MS);
    }
    expect(verdictOf(topics).isWhole).toBe(true);
    await dispatcher.close();
    await expect(dispatcher.ended).resolves.toBeUndefined();
  });

  test('replaces who does not answer and who opts out, within 5 s', async () => {
    const { grid, dispatcher } = await begin();
    grid.deaf.add('1_0_0');
    await dispatcher.propose(request('e1', 200));
    await dispatcher.start('e1', 'ann');
    await grid.clock.runTo(NOW + 5_000);
    // 1_0_0 heard nothing, 1_0_2 stands in.
    expect(grid.off).toEqual(['1_0_1', '1_0_2'].map(applianceOf));
    grid.optOut('1_0_1');
    expect(grid.off).toEqual(['1_0_2'].map(applianceOf));
    await grid.clock.runTo(NOW + 10_000);
    expect(grid.off).toEqual(['1_0_2', '1_0_3'].map(applianceOf));
    await grid.clock.runTo(NOW + 60_000);
    expect(dispatcher.event('e1')?.phase).toBe('done');
    expect(grid.off).toEqual([]);
    await dispatcher.close();
  });

  test('lets go whom a smaller target does not need, and cancels', async () => {
    const { grid, dispatcher } = await begin();
    await dispatcher.propose(request('e1', 300));
    await dispatcher.start('e1', 'ann');
    await grid.clock.runTo(NOW + 2_000);
    await dispatcher.modify('e1', 'ann', { targetW: 100 });
    await grid.clock.runTo(NOW + 5_000);
    expect(grid.off).toEqual([applianceOf('1_0_0')]);
    await dispatcher.cancel('e1', 'ann', 'enough');
    await grid.clock.runTo(NOW + 10_000);
    expect(grid.off).toEqual([]);
    expect(dispatcher.event('e1')?.phase).toBe('cancelled');
    await expect(dispatcher.cancel('e1', 'ann', 'again')).rejects.toThrow('event e1 is cancelled');
    await expect(dispatcher.modify('e2', 'ann', {})).rejects.toThrow('event e2 does not exist');
    await dispatcher.close();
  });

  test('plans nobody twice: what one event has, another does not call', async () => {
    const { grid, dispatcher } = await begin();
    for (const id of ['e1', 'e2']) {
      await dispatcher.propose(request(id, 200));
      await dispatcher.start(id, 'ann');
    }
    await grid.clock.runTo(NOW + 3_000);
    const called = dispatcher.events().map((event) => callsOf(event).map(({ houseId }) => houseId));
    expect(called).toEqual([
      ['1_0_0', '1_0_1'],
      ['1_0_2', '1_0_3'],
    ]);
    await dispatcher.close();
  });

  test('stops all at once, while the log hangs, too', async () => {
    const grid = new SimulatedGrid(5, NOW);
    const log = new FaultyLog(new MemoryTopics(), Infinity, 'before');
    const dispatcher = await Dispatcher.start(optionsOf(grid, log));
    await dispatcher.propose(request('e1', 300));
    await dispatcher.start('e1', 'ann');
    await grid.clock.runTo(NOW + 3_000);
    expect(grid.off).toHaveLength(3);
    log.hang();
    void dispatcher.stopAll('ann', 'smoke').catch(() => undefined);
    await grid.clock.runTo(NOW + 3_500);
    expect(grid.off).toEqual([]);
  });

  test('ends when the log fails, and says why to whoever waits', async () => {
    const grid = new SimulatedGrid(5, NOW);
    const dispatcher = await Dispatcher.start(optionsOf(grid, new FaultyLog(new MemoryTopics(), 1, 'before')));
    await dispatcher.propose(request('e1', 300));
    await expect(dispatcher.start('e1', 'ann')).rejects.toThrow(EventLogError);
    await expect(dispatcher.ended).rejects.toThrow('the log is gone');
    expect(grid.sent).toEqual([]);
    await expect(dispatcher.start('e1', 'ann')).rejects.toThrow('the dispatcher is closed');
  });
});

/** A log that dies at one append: before anything is kept, or after it is, without saying so. */
class FaultyLog extends MemoryLog {
  readonly #dieAt: number;
  readonly #when: 'before' | 'after';
  #appends = 0;
  #isHanging = false;

  constructor(topics: MemoryTopics, dieAt: number, when: 'before' | 'after') {
    super(topics);
    this.#dieAt = dieAt;
    this.#when = when;
  }

  hang(): void {
    this.#isHanging = true;
  }

  get appends(): number {
    return this.#appends;
  }

  override async append(step: LoggedStep): Promise<void> {
    if (this.#isHanging) {
      await new Promise(() => undefined);
    }
    const isLast = this.#appends === this.#dieAt;
    this.#appends += 1;
    if (!isLast || this.#when === 'after') {
      await super.append(step);
    }
    if (isLast) {
      throw new EventLogError('the log is gone');
    }
  }
}

/** An event with an opt-out and a deaf house; the dispatcher dies at an append and is started again 300 ms later. */
async function runWithDeath(dieAt: number, when: 'before' | 'after') {
  const grid = new SimulatedGrid(6, NOW);
  grid.deaf.add('1_0_1');
  const topics = new MemoryTopics();
  const log = new FaultyLog(topics, dieAt, when);
  let dispatcher = await Dispatcher.start(optionsOf(grid, log));
  let deaths = 0;
  const ask = async (work: () => Promise<unknown>): Promise<void> => {
    await work().catch(() => undefined);
  };
  const watch = async (untilMs: number): Promise<void> => {
    while (grid.clock.now() < untilMs) {
      await grid.clock.runTo(Math.min(untilMs, grid.clock.now() + 50));
      const isDead = await Promise.race([
        dispatcher.ended.then(
          () => true,
          () => true,
        ),
        new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
      ]);
      if (isDead) {
        deaths += 1;
        await grid.clock.runTo(grid.clock.now() + 300);
        dispatcher = await Dispatcher.start(optionsOf(grid, new MemoryLog(topics)));
      }
    }
  };
  await ask(() => dispatcher.propose(request('e1', 300)));
  await watch(NOW + 400);
  // The operator asks again for what was not confirmed.
  if (!dispatcher.event('e1')) {
    await ask(() => dispatcher.propose(request('e1', 300)));
  }
  await ask(() => dispatcher.start('e1', 'ann'));
  await watch(grid.clock.now() + 400);
  await ask(() => dispatcher.start('e1', 'ann'));
  await watch(NOW + 8_000);
  grid.optOut('1_0_2');
  await watch(NOW + 70_000);
  const appends = log.appends;
  const event = dispatcher.event('e1');
  await dispatcher.close();
  return { grid, topics, event, deaths, appends };
}

describe('a dispatcher that dies at any step', () => {
  test('goes on without a duplicate shed, and without an appliance that stays off', async () => {
    const { appends } = await runWithDeath(Infinity, 'before');
    expect(appends).toBeGreaterThan(10);
    for (const when of ['before', 'after'] as const) {
      for (let dieAt = 0; dieAt < appends; dieAt += 1) {
        const { grid, topics, event, deaths } = await runWithDeath(dieAt, when);
        const where = `append ${dieAt}, ${when}`;
        expect([where, deaths]).toEqual([where, 1]);
        expect([where, event?.phase]).toEqual([where, 'done']);
        expect([where, grid.off]).toEqual([where, []]);
        expect([where, verdictOf(topics)]).toMatchObject([where, { isWhole: true }]);
        const times = [...timesOff(grid).values()];
        expect([where, times.length >= 3, times.every(({ length }) => length === 1)]).toEqual([where, true, true]);
        expect([where, Math.max(...times.flat()) <= EVENT_MS + RELEASE_JITTER_MS]).toEqual([where, true]);
        // A number means one command only, however often it is sent.
        const numbers = new Map<string, string>();
        for (const command of grid.sent) {
          const key = `${command.house} ${command.seq}`;
          const text = JSON.stringify(command);
          expect([where, numbers.get(key) ?? text]).toEqual([where, text]);
          numbers.set(key, text);
        }
      }
    }
  }, 60_000);
});
