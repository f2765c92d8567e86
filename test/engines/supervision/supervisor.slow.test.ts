import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import type { EngineProcess } from '../../../engines/supervision/engine.ts';
import { type SupervisionEvent, Supervisor } from '../../../engines/supervision/supervisor.ts';

// Processes start slowly on a busy machine.
jest.setTimeout(60_000);

describe('a supervisor', () => {
  let directory = '';
  let supervisor: Supervisor;
  let events: SupervisionEvent[] = [];
  const ledger = (): string => join(directory, 'processes.json');

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'igrid-supervisor-'));
    supervisor = new Supervisor(directory, ledger());
    events = [];
    supervisor.on('event', (event) => events.push(event));
  });
  afterEach(async () => {
    await supervisor.stop();
    await rm(directory, { recursive: true });
  });

  /** A process of a few lines of JavaScript that prints `healthy` when it is. */
  const script = (name: string, code: string, more: Partial<EngineProcess> = {}): EngineProcess => {
    const pids: number[] = [];
    return {
      name,
      command: process.execPath,
      args: ['-e', `console.log(process.pid); ${code}`],
      onLine: (line) => pids.push(Number(line)),
      isHealthy: () => Promise.resolve(pids.length > 0 && isAlive(pids.at(-1) ?? 0)),
      ...more,
    };
  };
  const LASTING = 'setInterval(() => {}, 1000)';

  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  /** What the scripts of a name have printed so far: their process ids. */
  const pidsOf = async (name: string): Promise<number[]> =>
    (await readFile(join(directory, `${name}.log`), 'utf8')).trim().split('\n').map(Number);

  test('starts a process only when what it needs is healthy', async () => {
    await supervisor.start([script('second', LASTING, { after: ['first'] }), script('first', LASTING)]);
    const order = events.filter(({ state }) => state === 'starting' || state === 'healthy');
    expect(order.map(({ process, state }) => `${process} ${state}`)).toEqual([
      'first starting',
      'first healthy',
      'second starting',
      'second healthy',
    ]);
  });

  test('starts a process again that dies, and says so', async () => {
    await supervisor.start([script('mortal', LASTING)]);
    const before = await pidsOf('mortal');
    supervisor.signal('mortal', 'SIGKILL');
    while ((await pidsOf('mortal')).length === before.length) {
      await sleep(50);
    }
    expect(events.some(({ note }) => note?.includes('was ended by SIGKILL and is started again'))).toBe(true);
  });

  test('continues when a process prints a line that cannot be parsed: it is counted, logged and reported once', async () => {
    const lines: string[] = [];
    const half = script('talker', `setInterval(() => console.log('{"event": "prog'), 20); ${LASTING}`, {
      isHealthy: () => Promise.resolve(lines.length > 0),
      onLine: (line) => {
        lines.push(line);
        JSON.parse(line);
      },
    });
    await supervisor.start([half]);
    while ((supervisor.unreadableLines().talker ?? 0) < 3) {
      await sleep(20);
    }
    expect(supervisor.state('talker')).toBe('healthy');
    const notes = events.flatMap(({ note }) => note ?? []);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/talker printed a line that can't be read .*\{"event": "prog/);
    expect(await readFile(join(directory, 'talker.log'), 'utf8')).toContain('{"event": "prog');
  });

  test('continues when its own files cannot be written any more, and says which', async () => {
    const notes: string[] = [];
    supervisor.on('note', (note) => notes.push(note));
    await supervisor.start([script('first', LASTING)]);
    await rm(directory, { recursive: true });
    await supervisor.start([script('second', LASTING)]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(ledger());
    expect(events.some(({ process, note }) => process === 'second' && note?.includes('runs without its log'))).toBe(
      true,
    );
    await supervisor.stop();
    await mkdir(directory);
  });

  test('gives a process up that never becomes healthy, with the end of its log', async () => {
    const broken = script('broken', 'console.error("no such thing as a free port"); process.exit(3)', {
      isHealthy: () => Promise.resolve(false),
    });
    await expect(supervisor.start([broken])).rejects.toThrow(/broken ended with status 3 3 times.*free port/s);
    expect(supervisor.state('broken')).toBe('failed');
  });

  test('refuses to start when a port is in use, and names it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(supervisor.start([script('web', LASTING, { ports: [port] })])).rejects.toThrow(
      `Port ${port}, which web needs, is in use`,
    );
    server.close();
  });

  test('leaves no process behind, children of children included, even those that ignore SIGTERM', async () => {
    const stubborn = `process.on('SIGTERM', () => {});
      require('node:child_process').spawn(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      ${LASTING}`;
    await supervisor.start([script('stubborn', stubborn, { stopTimeoutMs: 300 })]);
    let pids: number[] = [];
    while (pids.length < 2) {
      await sleep(50);
      pids = await pidsOf('stubborn');
    }
    await supervisor.stop();
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test('refuses to touch the processes of a supervisor that still runs', async () => {
    await supervisor.start([script('busy', LASTING)]);
    await expect(new Supervisor(directory, ledger()).endLeftovers()).rejects.toThrow('runs the grid from this folder');
  });
});
