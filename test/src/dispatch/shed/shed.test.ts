import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';

import { dispatchApi } from '../../../../src/dispatch/api/server.ts';
import { dispatchPolicyOf } from '../../../../src/dispatch/event/dispatch-policy.ts';
import { MemoryLog } from '../../../../src/dispatch/log/memory-log.ts';
import { Dispatcher } from '../../../../src/dispatch/run/dispatcher.ts';
import { parseCommandLine } from '../../../../src/dispatch/shed/command-line.ts';
import { runShed } from '../../../../src/dispatch/shed/run.ts';
import { planningOf, SimulatedGrid } from '../run/simulated-grid.ts';

const NOW = 1_000_000;
const ASKED = ['--feeder', 'F1', '--kw', '0.2', '--for', '8m', '--by', 'ann'];

let grid: SimulatedGrid;
let dispatcher: Dispatcher;
let server: FastifyInstance;
let url: string;

beforeAll(async () => {
  grid = new SimulatedGrid(4, NOW);
  dispatcher = await Dispatcher.start({
    log: new MemoryLog(),
    openLink: (handlers) => grid.openLink(handlers),
    planning: planningOf(grid),
    policy: dispatchPolicyOf(),
    clock: grid.clock,
    stopJitterMs: 0,
  });
  server = await dispatchApi({
    dispatcher,
    feeders: () => Promise.resolve([{ feeder: 'F1', limit_kw: 5, power_kw: 2.5, sheddable_kw: 0.4 }]),
  });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close();
  await dispatcher.close();
});

afterEach(() => {
  jest.restoreAllMocks();
});

async function shed(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  await runShed(parseCommandLine([...args, '--url', url]), (text) => lines.push(text), 0);
  return lines;
}

const json = async (...args: string[]): Promise<unknown> => JSON.parse((await shed(...args, '--json'))[0] ?? '');

describe('npm run shed', () => {
  test('shows a plan only with --dry-run', async () => {
    const [text = ''] = await shed(...ASKED, '--dry-run');
    expect(text).toContain('plan for 0.200 kW on feeder F1: 0.200 kW promised');
    expect(await shed('status')).toEqual(['no events']);
  });

  test('sheds, follows the event to its end, and says how it ended', async () => {
    // Half a second passes between two looks.
    const ask = globalThis.fetch;
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (...args) => {
      await grid.clock.runTo(grid.clock.now() + 500);
      return ask(...args);
    });
    const lines = await shed(...ASKED);
    expect(lines[0]).toContain('notified');
    expect(lines.at(-1)).toContain(': done');
    expect(lines.some((line) => line.includes('2 of 2 houses acknowledged, appliances: 2 off'))).toBe(true);
  }, 30_000);

  test('starts without waiting, cancels, and stops all', async () => {
    const started = await shed(...ASKED, '--no-follow');
    expect(started).toHaveLength(1);
    const id = dispatcher.events().at(-1)?.id ?? '';
    expect(await shed('cancel', id)).toEqual([
      expect.stringContaining(`event ${id} on feeder F1: releasing (cancelled)`),
    ]);
    await expect(shed('cancel', 'e9')).rejects.toThrow('event e9 does not exist');
    expect((await shed('stop-all')).join('\n')).toContain(id);
  });

  test('prints JSON, wherever --json stands', async () => {
    expect(await json('feeders')).toEqual([{ feeder: 'F1', limit_kw: 5, power_kw: 2.5, sheddable_kw: 0.4 }]);
    expect(await json(...ASKED, '--dry-run')).toMatchObject({ feeder: 'F1', target_kw: 0.2 });
    expect(await json('status')).toEqual(expect.arrayContaining([expect.objectContaining({ feeder: 'F1' })]));
  });

  test('says in one line that no dispatcher answers', async () => {
    const settings = { ...parseCommandLine(['status']), url: 'http://127.0.0.1:1' };
    await expect(runShed(settings, () => undefined)).rejects.toThrow(
      'no dispatcher answers at http://127.0.0.1:1: start it, or name another with --url',
    );
  });

  test.each([
    [[], 'give --feeder, --kw and --for'],
    [['--feeder', 'F1', '--kw', '0', '--for', '15m'], 'It must be a number above 0, in kW.'],
    [['--feeder', 'F1', '--kw', '-1', '--for', '15m'], 'It must be a number above 0, in kW.'],
    [['--feeder', 'F1', '--kw', '1', '--for', 'long'], 'is no duration'],
    [['cancel'], 'missing required argument'],
    [['explode'], 'too many arguments'],
  ])('refuses %j', (args, reason) => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(() => parseCommandLine(args)).toThrow();
    expect(write.mock.calls.map(([text]) => String(text)).join('')).toContain(reason);
  });
});
