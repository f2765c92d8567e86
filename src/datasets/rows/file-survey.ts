/** One pass over a file: which instants it holds, and where. Windows and order play no part. */
import { LineBlocks } from './line-blocks.ts';
import { type FileCounts, reject, type RowTarget, type TakeLines } from './rows.ts';

/** How finely places are noted: at most this much is read unnecessarily before an instant. */
const CHUNK_BYTES = 256 * 1024;
/** How many places are noted at most; in a larger file they are farther apart. */
const MOST_CHUNKS = 2_048;

/** A part of a file, whole lines. */
interface Chunk {
  readonly startByte: number;
  /** The latest instant in it, ms; -Infinity without a row. */
  latestMs: number;
}

/** What a file holds. */
export interface FileSurvey {
  /** The earliest and the latest instant of its rows, ms; Infinity and -Infinity without any. */
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly chunks: readonly Chunk[];
}

/** Called for each row that can be used. */
export type OnRow = (ms: number, readings: number) => void;

class SurveyTarget implements RowTarget {
  readonly row: Float32Array;
  earliestMs = Infinity;
  /** Since {@link startChunk}. */
  latestMs = -Infinity;
  readonly #onRow: OnRow;

  constructor(width: number, onRow: OnRow) {
    this.row = new Float32Array(width).fill(NaN);
    this.#onRow = onRow;
  }

  push(timestamp: number): undefined {
    if (timestamp < this.earliestMs) {
      this.earliestMs = timestamp;
    }
    if (timestamp > this.latestMs) {
      this.latestMs = timestamp;
    }
    let readings = 0;
    // NaN: no value.
    for (const value of this.row) {
      if (value === value) {
        readings += 1;
      }
    }
    this.#onRow(timestamp, readings);
  }
}

/**
 * @param width cells per row.
 * @param parser makes what parses the file's lines into a target.
 * @throws DataSetError naming the file when it can't be read to its end.
 */
export async function surveyFile(
  path: string,
  width: number,
  parser: (target: RowTarget) => TakeLines,
  counts: FileCounts,
  onRow: OnRow,
): Promise<FileSurvey> {
  const target = new SurveyTarget(width, onRow);
  const take = parser(target);
  let chunks: Chunk[] = [];
  let chunkBytes = CHUNK_BYTES;
  const lines = await LineBlocks.open(path);
  try {
    while (await lines.next()) {
      target.latestMs = -Infinity;
      take(lines.bytes, lines.length);
      const chunk = chunks.at(-1);
      if (chunk && lines.start - chunk.startByte < chunkBytes) {
        chunk.latestMs = Math.max(chunk.latestMs, target.latestMs);
        continue;
      }
      if (chunks.length === MOST_CHUNKS) {
        chunks = chunks.flatMap((one, at) => (at % 2 === 0 ? [joined(one, chunks[at + 1])] : []));
        chunkBytes *= 2;
      }
      chunks.push({ startByte: lines.start, latestMs: target.latestMs });
    }
    if (lines.longLines > 0) {
      reject(counts, 'long_row', lines.longLines);
    }
  } finally {
    await lines.close();
  }
  const latestMs = chunks.reduce((latest, chunk) => Math.max(latest, chunk.latestMs), -Infinity);
  return { earliestMs: target.earliestMs, latestMs, chunks };
}

function joined(one: Chunk, other: Chunk | undefined): Chunk {
  return { startByte: one.startByte, latestMs: Math.max(one.latestMs, other?.latestMs ?? -Infinity) };
}

/**
 * The byte to begin at so that every row from `fromMs` on is read, in the order of the file: only then does a window of
 * rows hand out what it would hand out had the file been read from its start.
 */
export function startOf({ chunks }: FileSurvey, fromMs: number): number {
  return chunks.find(({ latestMs }) => latestMs >= fromMs)?.startByte ?? 0;
}
