/**
 * What every data set reader gives, whatever its layout on disk: houses with channels, and per house a stream of
 * readings in time order. The rest of the project knows data sets by these types alone.
 */
import type { DataSetName } from '../../core/data-sets.ts';

/** One measuring point of a house: an appliance, a mains phase or a subpanel. */
export interface Channel {
  /**
   * The channel's identity within its house, the last part of an appliance id: REDD's channel number, or the plug's
   * 1-based place in GREEND's labels.json (plugs without a label follow). Contains no underscore.
   */
  readonly id: string;
  /** The data set's own label, in its own spelling. */
  readonly label: string;
}

/** Why a row gave no reading, and how often. Reasons are short fixed words such as `cut_row`. */
export type Rejections = Map<string, number>;

/**
 * What became of a house's rows so far: rows = rows used + all rejections, at any moment. A row counts when it is decided
 * what becomes of it; rows before `fromMs` don't count at all.
 */
export interface RowCounts {
  /** Non-empty lines other than headers. */
  rows: number;
  /** Readings handed out. A GREEND row holds one reading per plug that answered. */
  readings: number;
  /** Cells without a value (NULL or empty) in rows that are used. Not a rejection: no data is not 0 W. */
  missing: number;
  readonly rejected: Rejections;
  /** The rejected rows of each file that has any, by its name within the house. @default not counted apart */
  readonly files?: Map<string, Rejections>;
}

/**
 * Readings of one house in ascending time order, as columns of equal length so that a million of them cost no objects.
 * Valid only until the next batch is asked for: a reader may reuse the arrays.
 */
export interface ReadingBatch {
  /** How many readings the batch holds; the arrays may be longer. */
  readonly length: number;
  /** Index into the house's `channels`. */
  readonly channel: Uint16Array;
  /** ms since the epoch, as measured. */
  readonly timestamp: Float64Array;
  /** W. */
  readonly power: Float32Array;
}

/** A local day of a house with readings. */
export interface HouseDay {
  /** Days since 1970-01-01, local. */
  readonly day: number;
  /** Rows that can be used, but for those that stand for one instant. */
  readonly rows: number;
  readonly readings: number;
  /** The first and the last instant of its readings, ms since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Whether it has readings in less than 2 % of the time of a typical day of the house: half an hour. */
  readonly isSilent: boolean;
}

/** When a house was measured. */
export interface Extent {
  /** The first and the last instant of its readings, ms since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The days with readings, in order. */
  readonly days: readonly HouseDay[];
}

/** One house (REDD) or building (GREEND) of a data set. */
export interface House {
  /** The house's identity within its data set, e.g. `1` for REDD's house_1, `0` for GREEND's building0. */
  readonly id: string;
  readonly channels: readonly Channel[];
  /**
   * The house's readings in time order from `fromMs` on, with at most one reading per channel and instant. Memory does
   * not grow with the size of the files. Every call reads again and adds to `counts`, if given, as it goes.
   *
   * @param options.fromMs first instant to hand out, ms since the epoch. Default: the first reading.
   * @param options.counts what became of the rows, kept up to date while reading. Default: not counted.
   * @throws DataSetError naming the file when it can't be read any more.
   */
  readings(options?: { fromMs?: number; counts?: RowCounts }): AsyncIterable<ReadingBatch>;

  /**
   * When there are readings, whatever single wrong clocks say: all files are read for it, once. What was found in them
   * is told to the data set's `warn` as it is found.
   *
   * @returns undefined when no row is usable.
   */
  extent(): Promise<Extent | undefined>;

  /** What became of the rows as far as each says by itself; known after {@link extent}. */
  readonly surveyed: RowCounts;
}

/** A data set on disk. */
export interface DataSet {
  readonly name: DataSetName;
  /** IANA zone of the houses: where their midnight is. REDD: America/New_York; GREEND: Europe/Rome. */
  readonly timeZone: string;
  readonly directory: string;
  readonly houses: readonly House[];
}
