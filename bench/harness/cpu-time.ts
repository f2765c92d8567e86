/** CPU time of other processes, from proc(5): the benches run on Linux. */
import { execa, type Options } from 'execa';

import { processTree, statFields } from '../../engines/supervision/process-tree.ts';

/** proc(5) counts in ticks, of which Linux shows 100 a second to programs whatever its own are. */
const TICKS_PER_SECOND = 100;

/**
 * User and system time so far of a process, of those it started that still run, and of those that have ended and were
 * waited for; s.
 */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const tree = await processTree(pid);
  if (tree.length === 0) {
    throw new Error(`process ${pid} has ended: its CPU time is gone`);
  }
  let ticks = 0;
  for (const each of tree) {
    // Fields 14 to 17: user and system time, the process's own and that of the children that it waited for.
    const times = (await statFields(each)).slice(11, 15);
    ticks += times.reduce((sum, field) => sum + Number(field), 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** What a program wrote, and the CPU time of its whole life, its start included, s. */
export interface TimedRun {
  readonly stdout: string;
  readonly cpuSeconds: number;
}

/** Runs a program under the shell's own `times`, which knows the CPU time of a child that has ended. */
export async function timed(command: string, args: readonly string[], options: Options = {}): Promise<TimedRun> {
  const { stdout, stderr } = await execa('sh', ['-c', '"$@" || exit 1; times >&2', 'sh', command, ...args], {
    ...options,
    encoding: 'utf8',
    lines: false,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  // The second line is that of the children: user and system, as 0m1.23s.
  const times = [...(stderr.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return {
    stdout,
    cpuSeconds: times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0),
  };
}
