/** Finds where to begin in a REDD channel file without reading what is before. */
import { open, type FileHandle } from 'node:fs/promises';

import { REORDER_ROWS } from './row-window.ts';

/** A probe: some 200 rows. */
const PROBE_BYTES = 4 * 1024;
/** Longer than a plain row (`1303132929 12345.67`), with the line end. */
const ROW_BYTES = 24;
/**
 * How far before the place found reading begins: as many rows as re-ordering reaches, so that rows out of place by no
 * more than that are found as if the file had been read from its start.
 */
const MARGIN_BYTES = REORDER_ROWS * ROW_BYTES;

/**
 * The first byte of a line before which all rows are earlier than `fromMs`, as far as the file's disorder stays within
 * {@link REORDER_ROWS}: a binary search by the median timestamp of a few hundred rows, which single wrong clocks don't
 * move.
 *
 * @param path a file without compression.
 */
export async function placeOf(path: string, fromMs: number): Promise<number> {
  const file = await open(path);
  try {
    const probe = Buffer.allocUnsafe(PROBE_BYTES);
    let low = 0;
    let high = (await file.stat()).size;
    while (high - low > MARGIN_BYTES) {
      const middle = Math.floor((low + high) / 2);
      const { bytesRead } = await file.read(probe, 0, PROBE_BYTES, middle);
      const median = medianMs(probe.toString('latin1', 0, bytesRead));
      if (median === undefined || median >= fromMs) high = middle;
      else low = middle;
    }
    return await lineStart(file, low - MARGIN_BYTES);
  } finally {
    await file.close();
  }
}

/** The first byte of a line not far from the end: as many rows as re-ordering reaches follow. */
export async function placeOfTail(path: string): Promise<number> {
  const file = await open(path);
  try {
    return await lineStart(file, (await file.stat()).size - MARGIN_BYTES);
  } finally {
    await file.close();
  }
}

/** Where the first line after `position` begins; 0 when there is none near, so that nothing is left out. */
async function lineStart(file: FileHandle, position: number): Promise<number> {
  if (position <= 0) return 0;
  const probe = Buffer.allocUnsafe(PROBE_BYTES);
  const { bytesRead } = await file.read(probe, 0, PROBE_BYTES, position);
  const lineEnd = probe.subarray(0, bytesRead).indexOf(10);
  return lineEnd < 0 ? 0 : position + lineEnd + 1;
}

/** The median timestamp of the whole lines in `text`, ms. */
function medianMs(text: string): number | undefined {
  const seconds: number[] = [];
  // The first and the last line are cut.
  for (const line of text.split('\n').slice(1, -1)) {
    const timestamp = /^\d{9,11}(?= )/.exec(line);
    if (timestamp) seconds.push(Number(timestamp[0]));
  }
  const median = seconds.sort((a, b) => a - b)[seconds.length >> 1];
  return median === undefined ? undefined : median * 1_000;
}
