import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
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
  /** By speed: the instant at which playback 0 was at its first midnight, so that the time of day goes on from run to run. */
  epochs: z.record(z.string(), z.int()),
  spans: z.array(readingSpan),
});
type State = z.infer<typeof stateSchema>;

const SECOND_MS = 1_000;
/** How far ahead of the clock a running span is said to reach, so that it holds after a crash: readings are never sent early. */
const LEASE_MS = 10_000;
/** Runs older than any backfill are forgotten: 5 days of grid time in real time. */
const REMEMBERED_MS = 6 * 86_400_000;

/**
 * What has to survive between runs of the grid on one machine beside the engines' own data: which spans of time have
 * readings already. Spans are whole seconds, as Druid's roll-up is: no second holds readings of two spans.
 */
export class LocalState {
  #state: State = { epochs: {}, spans: [] };
  #saving: Promise<void> = Promise.resolve();

  private constructor(private readonly file: string) {}

  /** @param directory the state folder; made if it isn't there. */
  static async open(directory: string): Promise<LocalState> {
    await mkdir(directory, { recursive: true });
    const state = new LocalState(join(directory, 'grid.json'));
    const text = await readFile(state.file, 'utf8').catch(() => undefined);
    if (text !== undefined) state.#state = stateSchema.parse(JSON.parse(text));
    return state;
  }

  /** Forgets a state folder and all the engines' data in it. */
  static async forget(directory: string): Promise<void> {
    await rm(directory, { recursive: true, force: true });
  }

  /** The epoch that belongs to a speed; `otherwise` becomes it when there is none yet. */
  async epoch(speed: number, otherwise: number): Promise<number> {
    const known = this.#state.epochs[String(speed)];
    if (known !== undefined) return known;
    this.#state.epochs[String(speed)] = otherwise;
    await this.#save();
    return otherwise;
  }

  /** The spans in which a playback has readings. */
  spansOf(playback: number): Span[] {
    return this.#state.spans.filter(({ from, to }) => from <= playback && playback < to);
  }

  /** Notes playbacks that are live from `fromMs` on. The note runs ahead of the clock until it is ended, once. */
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

  /** One at a time: they share the name of the new file. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      const oldest = Date.now() - REMEMBERED_MS;
      this.#state.spans = this.#state.spans.filter(({ toMs }) => toMs >= oldest);
      // Atomic: a crash leaves the old file or the new one.
      await writeFile(`${this.file}.new`, JSON.stringify(this.#state));
      await rename(`${this.file}.new`, this.file);
    });
    return this.#saving;
  }
}

function outward(span: ReadingSpan): ReadingSpan {
  return {
    ...span,
    fromMs: Math.floor(span.fromMs / SECOND_MS) * SECOND_MS,
    toMs: Math.ceil(span.toMs / SECOND_MS) * SECOND_MS,
  };
}
