import { readFile, rename, rm, writeFile } from 'node:fs/promises';

import { execa } from 'execa';
import { z } from 'zod';

import { sleep } from '../../src/core/clock/timers.ts';
import { parseJson } from '../../src/core/parse-json.ts';

/** A running process as the ledger notes it. Its start time tells it from a later process with the same id. */
const entrySchema = z.object({ name: z.string(), pid: z.number().int().positive(), startedAt: z.string() });
const ledgerSchema = z.object({ owner: entrySchema, processes: z.array(entrySchema) });
type Entry = z.infer<typeof entrySchema>;

/** Another supervisor is at work with the same ledger. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
}

const GRACE_MS = 5_000;

/**
 * Which processes run, on disk: so that the start after a kill -9 or a power cut finds what was left behind. A file that
 * can't be written ends no run: each change tries again.
 */
export class ProcessLedger {
  readonly #file: string;
  readonly #onFailure: (error: unknown) => void;
  readonly #entries = new Map<string, Entry>();
  #writing: Promise<void> = Promise.resolve();

  /** @param onFailure called each time that the file could not be written. */
  constructor(file: string, onFailure: (error: unknown) => void) {
    this.#file = file;
    this.#onFailure = onFailure;
  }

  async add(name: string, pid: number): Promise<void> {
    this.#entries.set(name, { name, pid, startedAt: await startTime(pid) });
    await this.#write();
  }

  async remove(name: string): Promise<void> {
    this.#entries.delete(name);
    await this.#write();
  }

  async clear(): Promise<void> {
    this.#entries.clear();
    await this.#write();
    await rm(this.#file, { force: true }).catch(this.#onFailure);
  }

  /** One at a time: they share the name of the new file. Never rejects. */
  #write(): Promise<void> {
    this.#writing = this.#writing
      .then(async () => {
        const owner: Entry = { name: 'supervisor', pid: process.pid, startedAt: await startTime(process.pid) };
        // Atomic: the start after a full disk or a crash reads the old list or the new one, not half of one.
        await writeFile(`${this.#file}.new`, JSON.stringify({ owner, processes: [...this.#entries.values()] }));
        await rename(`${this.#file}.new`, this.#file);
      })
      .catch(this.#onFailure);
    return this.#writing;
  }
}

/**
 * Ends the process groups that a ledger names and that still run, unless their supervisor does as well.
 *
 * @returns the names of those that were ended.
 * @throws AlreadyRunningError when the supervisor that wrote the ledger still runs.
 */
export async function killLeftovers(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const ledger = text === undefined ? undefined : ledgerSchema.safeParse(parseJson(text)).data;
  if (!ledger) {
    return [];
  }
  const isAlive = async (entry: Entry): Promise<boolean> =>
    entry.startedAt !== '' && (await startTime(entry.pid)) === entry.startedAt;
  if (await isAlive(ledger.owner)) {
    throw new AlreadyRunningError(
      `Process ${ledger.owner.pid} runs the grid from this folder already: stop it with Ctrl-C, or use another --state`,
    );
  }
  const alive: Entry[] = [];
  for (const entry of ledger.processes) {
    if (await isAlive(entry)) {
      alive.push(entry);
    }
  }
  for (const { pid } of alive) {
    signalGroup(pid, 'SIGTERM');
  }
  const deadline = Date.now() + GRACE_MS;
  while (alive.some(({ pid }) => signalGroup(pid, 0)) && Date.now() < deadline) {
    await sleep(100);
  }
  for (const { pid } of alive) {
    signalGroup(pid, 'SIGKILL');
  }
  await rm(file, { force: true });
  return alive.map(({ name }) => name);
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** When a process was started, in whatever words the system has; empty when there is no such process. */
async function startTime(pid: number): Promise<string> {
  // proc(5): the 22nd field, counted behind the command's name, which may hold spaces itself.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const field = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (field !== undefined) {
    return field;
  }
  const { stdout } = await execa('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false });
  return stdout.trim();
}
