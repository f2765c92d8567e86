/** The headers of a building's files, found without reading all of them. */
import { stat } from 'node:fs/promises';

import { DataSetError } from '../data-set/errors.ts';
import { HEADER_START, headerOf } from '../rows/greend-header.ts';
import { LineBlocks } from '../rows/line-blocks.ts';
import { EARLIEST_MS } from '../rows/rows.ts';
import { timestampOf } from '../rows/text-fields.ts';

/** Up to this size a building's files are searched for headers from end to end: under a second. */
const WHOLE_SEARCH_BYTES = 128 * 1024 * 1024;
const NEWLINE = 10;
/** How much of a damaged header is shown. */
const SHOWN_LETTERS = 60;

export interface FoundHeaders {
  /** The different headers as far as they were looked for, in the order of the files: the plugs of each. */
  readonly headers: readonly (readonly string[])[];
  /** The files that can be read, as far as they were. */
  readonly readable: readonly string[];
  /** The first header that is none, for want of a good one. */
  readonly damaged: string | undefined;
}

interface Start {
  readonly path: string;
  readonly bytes: number;
  /** The earliest believable instant in the first block of lines that has one, ms; -Infinity without any row. */
  readonly firstMs: number;
  readonly headers: readonly (readonly string[])[];
  readonly damaged: string | undefined;
}

/**
 * Looks at the start of every file, and on through files within which the columns change: where the next file starts
 * with another header, the last file, and all files of a building that is not large. A plug that answers in the middle
 * of a day only, in a large building, is not found (its rows are `unknown_plug`).
 *
 * @param warn called for each file that can't be read.
 */
export async function findHeaders(paths: readonly string[], warn: (message: string) => void): Promise<FoundHeaders> {
  const orWarn = async <Result>(looking: Promise<Result>): Promise<Result | undefined> => {
    try {
      return await looking;
    } catch (error) {
      if (!(error instanceof DataSetError)) {
        throw error;
      }
      warn(`${error.message}: the file is left out`);
      return undefined;
    }
  };
  const starts: Start[] = [];
  const nowMs = Date.now();
  for (const path of paths) {
    starts.push(...[(await orWarn(lookAtStart(path, nowMs))) ?? []].flat());
  }
  // A meter whose clock was not set names its files wrong.
  starts.sort((a, b) => a.firstMs - b.firstMs || (a.path < b.path ? -1 : 1));
  const whole = starts.reduce((sum, file) => sum + file.bytes, 0) <= WHOLE_SEARCH_BYTES;
  const headers = new Map<string, readonly string[]>();
  const readable: string[] = [];
  for (const [index, file] of starts.entries()) {
    const changes = String(file.headers[0]) !== String(starts[index + 1]?.headers[0]);
    const found = whole || changes ? await orWarn(headersIn(file.path)) : file.headers;
    if (!found) {
      continue;
    }
    readable.push(file.path);
    for (const header of found) {
      headers.set(header.join(), header);
    }
  }
  const damaged = starts.find((file) => file.damaged !== undefined)?.damaged;
  return { headers: [...headers.values()], readable, damaged };
}

/** As far as the first block of lines with a row. */
async function lookAtStart(path: string, nowMs: number): Promise<Start> {
  const { size: bytes } = await stat(path);
  const limits = { earliestMs: EARLIEST_MS, latestMs: nowMs, nowMs };
  const headers: (readonly string[])[] = [];
  let firstMs = Infinity;
  let damaged: string | undefined;
  const lines = await LineBlocks.open(path);
  try {
    while (bytes > 0 && firstMs === Infinity && (await lines.next())) {
      for (const line of lines.bytes.toString('latin1', 0, lines.length).split(/[\r\n]+/)) {
        const ms = timestampOf(/^"?([\d.]+)"?[,;\t]/.exec(line)?.[1] ?? '', limits);
        if (typeof ms === 'number' && ms < firstMs) {
          firstMs = ms;
        }
        const at = line.indexOf(HEADER_START);
        if (at < 0) {
          continue;
        }
        const header = headerOf(line.slice(at));
        if (header) {
          headers.push(header.plugs);
        } else {
          damaged ??= line.slice(at, at + SHOWN_LETTERS);
        }
      }
    }
  } finally {
    await lines.close();
  }
  return { path, bytes, firstMs: firstMs === Infinity ? -Infinity : firstMs, headers, damaged };
}

/** All undamaged headers of a file. */
async function headersIn(path: string): Promise<readonly (readonly string[])[]> {
  const headers: (readonly string[])[] = [];
  const lines = await LineBlocks.open(path);
  try {
    while (await lines.next()) {
      const block = lines.bytes.subarray(0, lines.length);
      for (let at = block.indexOf(HEADER_START); at >= 0; at = block.indexOf(HEADER_START, at + 1)) {
        const header = headerOf(block.toString('latin1', at, block.indexOf(NEWLINE, at)));
        if (header) {
          headers.push(header.plugs);
        }
      }
    }
  } finally {
    await lines.close();
  }
  return headers;
}
