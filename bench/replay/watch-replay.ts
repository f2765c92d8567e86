/** Runs the replay as the program that it is, and measures it from outside while it is under way. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

import { repositoryPath } from '../../src/files/repository.ts';
import { parseReplayEvent, type ReplayPhase, type StartedEvent, type StoppedEvent } from '../../src/replay/events.ts';
import { cpuSecondsOf } from '../harness/cpu-time.ts';

const ROOT = repositoryPath();
const REPLAY = 'src/replay/replay.main.ts';

/** What was measured between the first and the last look at a replay that was under way: no start-up, no end. */
export interface WatchedReplay {
  readonly started: StartedEvent;
  readonly stopped: StoppedEvent;
  readonly seconds: number;
  /** Readings acknowledged meanwhile. */
  readonly readings: number;
  /** CPU time used meanwhile, s. */
  readonly cpuSeconds: { readonly client: number; readonly engine: number };
  /** The most memory that the process ever had resident, bytes. */
  readonly peakBytes: number;
}

interface Look {
  readonly atMs: number;
  readonly acknowledged: number;
  readonly client: number;
  readonly engine: number;
}

/**
 * @param phase what counts as being under way.
 * @param engineCpuSeconds asked for the CPU time of the engine that it works against so far, s.
 * @param program below the repository's root, that reports as the replay does. Default: the replay.
 * @throws Error when the program fails or ends before it was looked at twice.
 */
export async function watchReplay(
  phase: ReplayPhase,
  args: readonly string[],
  engineCpuSeconds: () => Promise<number>,
  program = REPLAY,
): Promise<WatchedReplay> {
  const child = execa(process.execPath, ['--import', 'tsx', join(ROOT, program), ...args, '--log', 'json'], {
    cwd: ROOT,
    buffer: { stdout: false },
  });
  const pid = child.pid ?? 0;
  const looks: Look[] = [];
  let started: StartedEvent | undefined;
  let stopped: StoppedEvent | undefined;
  let peakBytes = 0;
  for await (const line of child) {
    const event = parseReplayEvent(line);
    if (event.event === 'started') {
      started = event;
    }
    if (event.event === 'stopped') {
      stopped = event;
    }
    if (event.event !== 'progress' || event.phase !== phase) {
      continue;
    }
    const [client, engine, bytes] = await Promise.all([cpuSecondsOf(pid), engineCpuSeconds(), peakBytesOf(pid)]);
    looks.push({ atMs: event.at_ms, acknowledged: event.acknowledged, client, engine });
    peakBytes = bytes;
  }
  await child;
  const first = looks[0];
  const last = looks.at(-1);
  if (!started || !stopped || !first || !last || first === last) {
    throw new Error('the replay ended before it could be looked at twice: give it more to do');
  }
  return {
    started,
    stopped,
    seconds: (last.atMs - first.atMs) / 1_000,
    readings: last.acknowledged - first.acknowledged,
    cpuSeconds: { client: last.client - first.client, engine: last.engine - first.engine },
    peakBytes,
  };
}

/** From proc(5). */
async function peakBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}
