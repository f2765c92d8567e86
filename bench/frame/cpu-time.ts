/** CPU time of other processes, from proc(5): the benches run on Linux. */
import { readdir, readFile } from 'node:fs/promises';
import { execa, type Options } from 'execa';

/** proc(5) counts in ticks, of which Linux shows 100 a second to programs whatever its own are. */
const TICKS_PER_SECOND = 100;

/**
 * User and system time so far of a process, of those it started that still run, and of those that have ended and were
 * waited for; s.
 */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const known = await allProcesses();
  const self = known.get(pid);
  if (!self) throw new Error(`process ${pid} has ended: its CPU time is gone`);
  let ticks = 0;
  const queue = [pid];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    ticks += known.get(next)?.ticks ?? 0;
    for (const [child, { parent }] of known) if (parent === next) queue.push(child);
  }
  return ticks / TICKS_PER_SECOND;
}

interface ProcessTime {
  readonly parent: number;
  readonly ticks: number;
}

async function allProcesses(): Promise<Map<number, ProcessTime>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const times = await Promise.all(
    pids.map(async (pid): Promise<[number, ProcessTime][]> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      if (stat === '') return [];
      // After the name in brackets, which may hold anything: field 4 is the parent, 14 to 17 are user and system time,
      // the process's own and that of the children that it waited for.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      return [[Number(pid), { parent: Number(fields[1]), ticks }]];
    }),
  );
  return new Map(times.flat());
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
