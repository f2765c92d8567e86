/** Real engines for a case: started under supervision, on ports of their own, with the CPU time that each has used. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { EngineProcess } from '../../engines/supervision/engine.ts';
import { Supervisor } from '../../engines/supervision/supervisor.ts';
import { cpuSecondsOf } from '../harness/cpu-time.ts';

const ledgerSchema = z.object({ processes: z.array(z.object({ name: z.string(), pid: z.int() })) });

export interface Engines {
  readonly supervisor: Supervisor;
  /** CPU time so far of one engine and all that it started, s. */
  cpuSeconds(name: string): Promise<number>;
  /** The process id of an engine. */
  pidOf(name: string): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts engines; resolves when all are healthy.
 *
 * @param directory for their logs (`logs/NAME.log`).
 */
export async function startEngines(directory: string, processes: readonly EngineProcess[]): Promise<Engines> {
  const logs = join(directory, 'logs');
  await mkdir(logs, { recursive: true });
  const ledger = join(directory, 'processes.json');
  const supervisor = new Supervisor(logs, ledger);
  try {
    await supervisor.start(processes);
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  const pidOf = async (name: string): Promise<number> => {
    const { processes: running } = ledgerSchema.parse(JSON.parse(await readFile(ledger, 'utf8')));
    const found = running.find((one) => one.name === name);
    if (!found) {
      throw new Error(`${name} does not run: see ${logs}`);
    }
    return found.pid;
  };
  return {
    supervisor,
    pidOf,
    cpuSeconds: async (name) => cpuSecondsOf(await pidOf(name)),
    stop: () => supervisor.stop(),
  };
}
