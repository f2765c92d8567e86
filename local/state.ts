import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { claimFolder, emptyFolder, FolderError, isMarked } from '../engines/disk/marked-folder.ts';
import { hasDruidData } from '../engines/processes/druid.ts';
import { hasKafkaData } from '../engines/processes/kafka.ts';
import { codeOf } from '../src/core/error-code.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import type { Span } from '../src/replay/spans.ts';

/** Readings that exist: those of playbacks `from` to `to - 1` over a span of the wall clock. */
const readingSpan = z.object({
  from: z.int(),
  to: z.int(),
  fromMs: z.int(),
  toMs: z.int(),
});
export type ReadingSpan = z.infer<typeof readingSpan>;

const stateSchema = z.object({
  /** By speed: the instant at which playback 0 was at its first midnight, so that the time of day continues from run to run. */
  epochs: z.record(z.string(), z.int()),
  spans: z.array(readingSpan),
});
type State = z.infer<typeof stateSchema>;

const SECOND_MS = 1_000;
/** How far ahead of the clock a running span is said to reach, so that it holds after a crash: readings are never sent early. */
const LEASE_MS = 10_000;
/** Runs older than any backfill are forgotten: 5 days of grid time in real time. */
const REMEMBERED_MS = 6 * 86_400_000;

const FILE = 'grid.json';
/** What versions that knew no marks have left in a state folder. */
const KNOWN_NAMES = new Set([
  ...[FILE, `${FILE}.new`, 'processes.json', 'thresholds.json', 'logs'],
  ...['kafka', 'druid', 'spark', 'airflow', 'superset', 'rehearsal'],
]);
/** What the type checker keeps in the default state folder. */
const TYPE_CHECKER = 'tsconfig.tsbuildinfo';

/**
 * Makes a folder a state folder, or refuses it.
 *
 * @param fresh whether it is to be emptied, which takes a mark of an earlier run.
 * @throws FolderError in one line when it may hold anything that is not the grid's.
 */
export async function claimStateFolder(directory: string, fresh: boolean): Promise<void> {
  await claimFolder(directory, '--state', async (found) => {
    const names: string[] = [];
    for (const name of found) {
      // Rehearsals and storms keep folders of their own in the default one.
      if (name !== TYPE_CHECKER && !(await isMarked(join(directory, name)))) {
        names.push(name);
      }
    }
    if (names.length === 0) {
      return true;
    }
    if (fresh) {
      throw new FolderError(
        `${directory} is not emptied: no run has marked it as iGrid's. Delete it yourself if that is right; name another folder with --state; or, if an earlier version of iGrid made it, start once without --fresh`,
      );
    }
    if (!names.every((name) => KNOWN_NAMES.has(name))) {
      return false;
    }
    const read = await readState(join(directory, FILE));
    if ('state' in read || read.damage === undefined) {
      return 'state' in read;
    }
    throw new FolderError(
      `${join(directory, FILE)} can't be read (${read.damage}): delete ${directory} if it is a state folder of an earlier version, or use another --state`,
    );
  });
}

/**
 * Druid keeps offsets of the topics that it has read. In topics that are not those any more they stand for other readings,
 * or for none: no reading could ever be queried.
 *
 * @throws FolderError in one line when Druid's data are there and Kafka's are not.
 */
export async function mustFitTogether(kafka: string, druid: string): Promise<void> {
  if ((await hasKafkaData(kafka)) || !(await hasDruidData(druid))) {
    return;
  }
  throw new FolderError(
    `${kafka} has no data, and ${druid} continues from offsets in it: restore that folder, or delete both with --fresh`,
  );
}

/**
 * What has to survive between runs of the grid on one machine beside the engines' own data: which spans of time have
 * readings already. Spans are whole seconds, as Druid's roll-up is: no second holds readings of two spans.
 */
export class LocalState {
  readonly #file: string;
  readonly #note: (sentence: string) => void;
  #state: State = { epochs: {}, spans: [] };
  #saving: Promise<void> = Promise.resolve();
  #failure: string | undefined;

  private constructor(file: string, note: (sentence: string) => void) {
    this.#file = file;
    this.#note = note;
  }

  /**
   * A file that can't be understood ends no run: it is set aside, and the past counts as filled.
   *
   * @param directory the state folder, see {@link claimStateFolder}.
   * @param note told in a sentence what the user should know.
   */
  static async open(directory: string, note: (sentence: string) => void): Promise<LocalState> {
    const file = join(directory, FILE);
    const state = new LocalState(file, note);
    const read = await readState(file);
    if ('state' in read) {
      state.#state = read.state;
    } else if (read.damage !== undefined) {
      const aside = `${file}.damaged`;
      await rename(file, aside);
      // Which part of the past has readings is not known any more, and a second backfill would double them.
      state.#state.spans.push(
        outward({ from: 0, to: Number.MAX_SAFE_INTEGER, fromMs: 0, toMs: Date.now() + LEASE_MS }),
      );
      note(
        `${file} can't be read (${read.damage}) and is now ${aside}. The past is not filled again, since it may have readings already; --fresh begins with an empty folder`,
      );
    }
    return state;
  }

  /** Forgets a state folder and all the engines' data in it. @throws FolderError unless it is one. */
  static async forget(directory: string): Promise<void> {
    await emptyFolder(directory);
  }

  /** Why the newest change is not on the disk; undefined when it is. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * The epoch that belongs to a speed; `otherwise` becomes it when there is none yet.
   *
   * @throws Error in one line when it can't be noted: the next run would begin another day.
   */
  async epoch(speed: number, otherwise: number): Promise<number> {
    const known = this.#state.epochs[String(speed)];
    if (known !== undefined) {
      return known;
    }
    this.#state.epochs[String(speed)] = otherwise;
    await this.#save();
    if (this.#failure !== undefined) {
      throw new Error(this.#failure);
    }
    return otherwise;
  }

  /** The spans in which one of the playbacks `from` to `to` - 1 has readings. */
  spansOf(playbacks: { readonly from: number; readonly to: number }): Span[] {
    return this.#state.spans.filter(({ from, to }) => from < playbacks.to && playbacks.from < to);
  }

  /**
   * Notes playbacks that are live from `fromMs` on. The note runs ahead of the clock until it is ended, once. While it
   * can't be written, `note` is told once and `failure` says why; each renewal tries again.
   */
  live(span: Omit<ReadingSpan, 'toMs'>): { end: () => Promise<void> } {
    const entry: ReadingSpan = outward({ ...span, toMs: Date.now() + LEASE_MS });
    this.#state.spans.push(entry);
    const renew = async (toMs: number): Promise<void> => {
      entry.toMs = outward({ ...entry, toMs }).toMs;
      await this.#save();
    };
    const timer = setInterval(() => void renew(Date.now() + LEASE_MS), LEASE_MS / 2);
    void this.#save();
    let ended: Promise<void> | undefined;
    return {
      end: () => {
        clearInterval(timer);
        return (ended ??= renew(Date.now()));
      },
    };
  }

  /** One at a time: they share the name of the new file. Never rejects. */
  #save(): Promise<void> {
    this.#saving = this.#saving
      .then(async () => {
        const oldest = Date.now() - REMEMBERED_MS;
        this.#state.spans = this.#state.spans.filter(({ toMs }) => toMs >= oldest);
        await writeWhole(this.#file, JSON.stringify(this.#state));
        this.#failure = undefined;
      })
      .catch((error: unknown) => {
        const isNew = this.#failure === undefined;
        this.#failure = `${this.#file} can't be written (${error instanceof Error ? error.message : String(error)}): the next start would fill times again that have readings; make room or bring the folder back, else begin with --fresh`;
        if (isNew) {
          this.#note(this.#failure);
        }
      });
    return this.#saving;
  }
}

/** What a state file holds: a state, nothing when there is no file, or why it can't be understood. */
async function readState(file: string): Promise<{ state: State } | { damage: string | undefined }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (text === undefined) {
    return { damage: undefined };
  }
  try {
    const parsed = stateSchema.safeParse(JSON.parse(text));
    return parsed.success
      ? { state: parsed.data }
      : { damage: z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ') };
  } catch {
    return { damage: text === '' ? 'it is empty' : 'it is cut off or no JSON' };
  }
}

function outward(span: ReadingSpan): ReadingSpan {
  return {
    ...span,
    fromMs: Math.floor(span.fromMs / SECOND_MS) * SECOND_MS,
    toMs: Math.ceil(span.toMs / SECOND_MS) * SECOND_MS,
  };
}
