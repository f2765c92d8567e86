/** What cases are given: engines from the cache, folders that are removed again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pythonOf, pythonStep } from '../../engines/setup/python.ts';
import { makeAll, setUp } from '../../engines/setup/set-up.ts';
import type { Bench } from './bench-case.ts';

const PEERS_LOCK = join(import.meta.dirname, '..', 'peers', 'requirements.lock');
/** What its packages unpack to. */
const PEERS_BYTES = 20_000_000;

export interface BenchOptions {
  readonly scale: number;
  readonly forMs: number | undefined;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/** Brings the engines into the cache, then calls `use` for each case with a folder of its own. */
export async function benchHome(
  options: BenchOptions,
): Promise<<Result>(use: (bench: Bench) => Promise<Result>) => Promise<Result>> {
  let announced = '';
  const homes = await setUp((steps) => {
    const working = steps.filter(({ state }) => state === 'working').map(({ title }) => title);
    const line = `setting up: ${working.join(', ')}`;
    if (working.length > 0 && line !== announced) {
      options.note(line);
    }
    announced = line;
  });
  const peersPython = async (): Promise<string> => {
    const step = await pythonStep(homes.tools, 'Bench peers', 'bench-peers', PEERS_LOCK, PEERS_BYTES);
    await makeAll([[step]], () => undefined, new AbortController().signal);
    return pythonOf(step.folder);
  };
  return async (use) => {
    const directory = await mkdtemp(join(tmpdir(), 'igrid-bench-'));
    try {
      return await use({ ...options, homes, peersPython, directory });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };
}
