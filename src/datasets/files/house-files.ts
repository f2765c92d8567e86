/** A house of files, whatever its layout: surveyed once, then read from any instant on. */
import type { LocalClock } from '../../core/clock/local-clock.ts';
import type { Channel, Extent, House, ReadingBatch, RowCounts } from '../data-set/data-set.ts';
import { DataSetError } from '../data-set/errors.ts';
import type { ReadSettings } from '../data-set/open-options.ts';
import { type FileSurvey, type OnRow, startOf, surveyFile } from '../rows/file-survey.ts';
import { mergeRows, type MergeSource } from '../rows/merge.ts';
import { RowFile } from '../rows/row-file.ts';
import { RowWindow } from '../rows/row-window.ts';
import {
  addRowCounts,
  EARLIEST_MS,
  type FileCounts,
  newRowCounts,
  type RowLimits,
  type RowTarget,
  type TakeLines,
} from '../rows/rows.ts';
import { type BelievableDays, believableDays, isSilent, type TypicalDay } from './believable-days.ts';
import { DayTally, type TalliedDay } from './day-tally.ts';
import { forEachBounded } from './for-each-bounded.ts';

/** How many files are surveyed at once: decompression has threads of its own. */
const SURVEYED_AT_ONCE = 4;

/** How many of a house's files are named in one warning. */
const MOST_NAMED = 3;

/** A file with rows of a house. */
export interface HouseFile {
  readonly path: string;
  /** Its name within the house. */
  readonly name: string;
  /** Index of the channel that the first cell of a row belongs to; the next cell's is the next. */
  readonly firstChannel: number;
  /** Cells per row. */
  readonly width: number;
  /** Whether a row means the same without the lines before it, so that reading may begin in the middle. */
  readonly rowsStandAlone: boolean;
  /** Makes what parses the file's lines. */
  readonly parser: (target: RowTarget, counts: FileCounts, limits: RowLimits) => TakeLines;
}

export interface HouseOptions {
  readonly id: string;
  /** Where it is, for people. */
  readonly directory: string;
  readonly channels: readonly Channel[];
  readonly files: readonly HouseFile[];
  /** Whether a row is a whole house's, so that a second one of an instant is a duplicate whichever file it is in. */
  readonly oneRowAtATime: boolean;
  readonly clock: LocalClock;
  readonly settings: ReadSettings;
}

interface SurveyedFile extends HouseFile {
  readonly survey: FileSurvey;
}

interface Survey {
  /** Those that can be read, in the order in which their rows of one instant come out. */
  readonly files: readonly SurveyedFile[];
  readonly limits: Omit<RowLimits, 'fromMs'>;
  readonly extent: Extent | undefined;
}

export class FileHouse implements House {
  readonly id: string;
  readonly channels: readonly Channel[];
  readonly surveyed: RowCounts = newRowCounts();
  readonly #options: HouseOptions;
  #survey: Promise<Survey> | undefined;

  constructor(options: HouseOptions) {
    this.id = options.id;
    this.channels = options.channels;
    this.#options = options;
  }

  async *readings(
    options: { fromMs?: number; counts?: RowCounts } = {},
  ): AsyncGenerator<ReadingBatch, void, undefined> {
    const { fromMs = -Infinity, counts = newRowCounts() } = options;
    const { files, limits } = await this.#surveyOnce();
    const sources = files
      .filter(({ survey }) => fromMs === -Infinity || survey.latestMs >= fromMs)
      .map((file) => this.#source(file, { ...limits, fromMs }, counts));
    yield* mergeRows(sources, this.#options.oneRowAtATime, counts);
  }

  async extent(): Promise<Extent | undefined> {
    return (await this.#surveyOnce()).extent;
  }

  #surveyOnce(): Promise<Survey> {
    return (this.#survey ??= this.#surveyFiles());
  }

  #source(file: SurveyedFile, limits: RowLimits, all: RowCounts): MergeSource {
    const counts = { counts: all, file: file.name };
    const { firstChannel, width, path, survey, parser } = file;
    return {
      notBeforeMs: Math.max(survey.earliestMs, limits.fromMs),
      firstChannel,
      width,
      counts,
      open: () => {
        const window = new RowWindow(width);
        const start = path.endsWith('.gz') || !file.rowsStandAlone ? 0 : startOf(survey, limits.fromMs);
        return RowFile.open(path, window, parser(window, counts, limits), counts, start);
      },
    };
  }

  async #surveyFiles(): Promise<Survey> {
    const { files, clock, settings } = this.#options;
    const nowMs = Date.now();
    const all = { earliestMs: EARLIEST_MS, latestMs: nowMs, nowMs, maxPowerW: settings.maxPowerW };
    const tally = new DayTally(clock);
    const found = new Map<HouseFile, SurveyedFile>();
    await forEachBounded(files, SURVEYED_AT_ONCE, async (file) => {
      const [ofFile, counts] = [new DayTally(clock), newRowCounts()];
      const survey = await this.#surveyFile(file, all, counts, (ms, readings) => ofFile.note(ms, readings));
      // Of a file that can't be read to its end nothing is trusted.
      if (!survey) {
        return;
      }
      found.set(file, { ...file, survey });
      tally.add(ofFile);
      addRowCounts(this.surveyed, counts);
    });
    const surveyed = files.flatMap((file) => found.get(file) ?? []);
    const allDays = tally.days();
    this.surveyed.rows += rowsOf(allDays);
    this.surveyed.readings += allDays.reduce((sum, { readings }) => sum + readings, 0);
    const believable = believableDays(allDays);
    const { days, typical } = believable;
    const strayRows = rowsOf(allDays) - rowsOf(days);
    if (strayRows > 0) {
      this.surveyed.rejected.set('stray_clock', strayRows);
    }
    const limits = { ...all, ...limitsOf(believable, allDays, clock) };
    const believed = strayRows > 0 ? await this.#withoutStrays(surveyed, limits) : surveyed;
    return {
      // A meter whose clock was not set names its files wrong, so what is in them decides.
      files: this.#options.oneRowAtATime ? believed.sort(byFirstInstant) : believed,
      limits,
      extent: extentOf(days, typical),
    };
  }

  /** Surveys again the files with rows outside of the limits, and says which. */
  async #withoutStrays(files: readonly SurveyedFile[], limits: Omit<RowLimits, 'fromMs'>): Promise<SurveyedFile[]> {
    const believed: SurveyedFile[] = [];
    const strays: string[] = [];
    for (const file of files) {
      const { survey } = file;
      if (survey.earliestMs >= limits.earliestMs && survey.latestMs <= limits.latestMs) {
        believed.push(file);
        continue;
      }
      const counts = newRowCounts();
      const again = await this.#surveyFile(file, limits, counts, () => undefined);
      if (again) {
        believed.push({ ...file, survey: again });
      }
      const rows = counts.rejected.get('stray_clock') ?? 0;
      strays.push(`${file.name} ${rows} (${describeSpan(survey, limits)})`);
    }
    if (strays.length > 0) {
      const { directory, settings } = this.#options;
      settings.warn(
        `${directory} has rows whose clock is far from all others, which are left out (stray_clock): ${listed(strays)}`,
      );
    }
    return believed;
  }

  async #surveyFile(
    file: HouseFile,
    limits: Omit<RowLimits, 'fromMs'>,
    all: RowCounts,
    onRow: OnRow,
  ): Promise<FileSurvey | undefined> {
    const counts = { counts: all, file: file.name };
    const parser = (target: RowTarget): TakeLines => file.parser(target, counts, { ...limits, fromMs: -Infinity });
    try {
      return await surveyFile(file.path, file.width, parser, counts, onRow);
    } catch (error) {
      if (!(error instanceof DataSetError)) {
        throw error;
      }
      this.#options.settings.warn(`${error.message}: the file is left out`);
      return undefined;
    }
  }
}

function rowsOf(days: readonly TalliedDay[]): number {
  return days.reduce((sum, { rows }) => sum + rows, 0);
}

/** From when to when rows are believed, where there are others. */
function limitsOf(
  { firstDay, lastDay }: BelievableDays,
  allDays: readonly TalliedDay[],
  clock: LocalClock,
): { readonly earliestMs?: number; readonly latestMs?: number } {
  const [first, last] = [allDays[0], allDays.at(-1)];
  return {
    ...(first && first.day < firstDay && { earliestMs: clock.startOf(firstDay) }),
    ...(last && last.day > lastDay && { latestMs: clock.startOf(lastDay + 1) - 1 }),
  };
}

function extentOf(days: readonly TalliedDay[], typical: TypicalDay): Extent | undefined {
  const withReadings = days.filter(({ readings }) => readings > 0);
  const [first, last] = [withReadings[0], withReadings.at(-1)];
  if (!first || !last) {
    return undefined;
  }
  return {
    firstMs: first.firstMs,
    lastMs: last.lastMs,
    days: withReadings.map((day) => ({ ...day, isSilent: isSilent(day, typical) })),
  };
}

function byFirstInstant(a: SurveyedFile, b: SurveyedFile): number {
  // Both may be Infinity, whose difference is NaN.
  return a.survey.earliestMs - b.survey.earliestMs || (a.path < b.path ? -1 : 1);
}

/** Where a file's stray rows lie. */
function describeSpan({ earliestMs, latestMs }: FileSurvey, limits: { earliestMs: number; latestMs: number }): string {
  const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const dates = [earliestMs < limits.earliestMs && dateOf(earliestMs), latestMs > limits.latestMs && dateOf(latestMs)];
  return dates.filter((date) => date !== false).join(', ');
}

/** @returns the first few, and how many more there are. */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
