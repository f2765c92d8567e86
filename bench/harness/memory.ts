import { readFile } from 'node:fs/promises';

import { processTree } from '../../engines/supervision/process-tree.ts';

/** The most that a process and those it started ever had resident, added up, MB: from proc(5). */
export async function peakRssMb(root: number): Promise<number> {
  let kb = 0;
  for (const pid of await processTree(root)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    kb += Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return kb / 1_024;
}
