import { readdir, readFile } from 'node:fs/promises';

/** The most that a process and those it started ever had resident, added up, MB: from proc(5). */
export async function peakRssMb(root: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const known = new Map<number, { parent: number; mb: number }>();
  for (const pid of pids) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    known.set(pid, { parent: field('PPid'), mb: field('VmHWM') / 1_024 });
  }
  const isBelow = (pid: number): boolean =>
    pid === root || (known.has(pid) && isBelow(known.get(pid)?.parent ?? 0) && pid !== 0);
  return [...known].filter(([pid]) => isBelow(pid)).reduce((sum, [, { mb }]) => sum + mb, 0);
}
