import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';

import { repositoryPath } from '../../../src/files/repository.ts';

const ROOT = repositoryPath();

jest.setTimeout(120_000);

/** A supervisor in a process of its own, with children that are hard to end; prints `{"guard": PID}` once all are healthy. */
const PROGRAM = `
  import { Supervisor } from './engines/supervision/supervisor.ts';
  const [directory] = process.argv.slice(1);
  const supervisor = new Supervisor(directory, directory + '/processes.json');
  const lasting = 'setInterval(() => {}, 1000);';
  const say = 'console.log(process.pid);';
  const grandchild = \`require('node:child_process').spawn(process.execPath, ['-e', '\${say} \${lasting}'], { detached: true, stdio: 'inherit' });\`;
  const script = (name, code) => {
    let lines = 0;
    return {
      name,
      command: process.execPath,
      args: ['-e', say + code + lasting],
      onLine: () => (lines += 1),
      isHealthy: () => Promise.resolve(lines > (code === grandchild ? 1 : 0)),
    };
  };
  const stubborn = "for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(name, () => {});";
  await supervisor.start([script('plain', ''), script('stubborn', stubborn), script('parent', grandchild)]);
  setInterval(() => console.log(JSON.stringify({ guard: supervisor.guardPid })), 50);
`;

function startSupervisor(directory: string) {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM, directory];
  return execa(process.execPath, args, { cwd: ROOT, reject: false, buffer: false });
}

describe('a supervisor that is killed', () => {
  let directory = '';
  let supervisor: ReturnType<typeof startSupervisor>;
  let guards: number[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'igrid-guard-'));
    guards = [];
    supervisor = startSupervisor(directory);
    supervisor.stdout.on('data', (data: Buffer) => {
      for (const [, pid] of data.toString().matchAll(/"guard":(\d+)/g)) {
        guards.push(Number(pid));
      }
    });
    await until(() => guards.length > 0);
  });
  afterEach(async () => {
    supervisor.kill('SIGKILL');
    for (const pid of await children()) {
      tryKill(pid);
    }
    await rm(directory, { recursive: true });
  });

  /** What the children have printed: their process ids. */
  async function children(): Promise<number[]> {
    const logs = (await readdir(directory)).filter((name) => name.endsWith('.log'));
    const texts = await Promise.all(logs.map((name) => readFile(join(directory, name), 'utf8')));
    return texts.flatMap((text) => text.trim().split('\n').map(Number));
  }
  const living = async (): Promise<number[]> => (await children()).filter(isAlive);
  const guard = (): number => guards.at(-1) ?? 0;

  test('takes its children with it, those included that ignore signals, are stopped or have a session of their own', async () => {
    expect(await living()).toHaveLength(4);
    const [stopped] = await children();
    process.kill(stopped ?? 0, 'SIGSTOP');
    supervisor.kill('SIGKILL');
    await supervisor;
    await until(async () => (await living()).length === 0, 10_000);
    await until(() => !isAlive(guard()), 10_000);
  });

  test('takes them with it when its guard was killed before, and signalled without success', async () => {
    const first = guard();
    process.kill(first, 'SIGTERM');
    process.kill(first, 'SIGINT');
    await sleep(300);
    expect(guard()).toBe(first);
    process.kill(first, 'SIGKILL');
    await until(() => guard() !== first);
    expect(await living()).toHaveLength(4);
    supervisor.kill('SIGKILL');
    await supervisor;
    await until(async () => (await living()).length === 0, 10_000);
  });
});

async function until(holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`not within ${withinMs} ms`);
    }
    await sleep(50);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
