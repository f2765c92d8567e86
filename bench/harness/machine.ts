import { cpus, release, totalmem, type as systemType } from 'node:os';

import type { Machine } from './results.ts';

/** The machine that measures, as far as its figures depend on it. */
export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: `${systemType()} ${release().split('-')[0] ?? ''}`,
    node: process.version,
  };
}
