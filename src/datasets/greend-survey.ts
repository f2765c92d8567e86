/** What a building's files hold, found without reading all of them: first instants and headers. */
import { stat } from 'node:fs/promises';

import { headerAt, plugsOf } from './greend-header.ts';
import { LineBlocks } from './line-blocks.ts';
import { timestampOf } from './text-fields.ts';

/** Up to this size a building's files are searched for headers from end to end: under a second. */
const WHOLE_SEARCH_BYTES = 128 * 1024 * 1024;
const NEWLINE = 10;

/** A day file. */
export interface DayFile {
  readonly path: string;
  readonly bytes: number;
  /** The earliest believable instant in the first block of lines that has one, ms; -Infinity without any row. */
  readonly firstMs: number;
}

export interface Survey {
  /** Files in the order of their first instants, not of their names: a meter whose clock was not set names them wrong. */
  readonly files: readonly DayFile[];
  /** The different headers as far as they were looked for, in the order of the files. */
  readonly headers: readonly (readonly string[])[];
}

interface FileHeaders extends DayFile {
  readonly headers: readonly (readonly string[])[];
}

/**
 * Looks at the start of every file, and on through files within which the columns change: where the next file starts
 * with another header, the last file, and all files of a building that is not large. A plug that answers in the middle
 * of a day only, in a large building, is not found (its rows are `unknown_plug`).
 *
 * @throws DataSetError naming a file that can't be read.
 */
export async function survey(paths: readonly string[], nowMs: number): Promise<Survey> {
  const starts: FileHeaders[] = [];
  for (const path of paths) starts.push(await lookAtStart(path, nowMs));
  starts.sort((a, b) => a.firstMs - b.firstMs || (a.path < b.path ? -1 : 1));
  const whole = starts.reduce((sum, file) => sum + file.bytes, 0) <= WHOLE_SEARCH_BYTES;
  const headers = new Map<string, readonly string[]>();
  for (const [index, file] of starts.entries()) {
    const changes = String(file.headers[0]) !== String(starts[index + 1]?.headers[0]);
    const found = whole || changes ? await headersOf(file.path) : file.headers;
    for (const header of found) headers.set(header.join(), header);
  }
  return {
    files: starts.map(({ path, bytes, firstMs }) => ({ path, bytes, firstMs })),
    headers: [...headers.values()],
  };
}

async function lookAtStart(path: string, nowMs: number): Promise<FileHeaders> {
  const { size: bytes } = await stat(path);
  const headers: (readonly string[])[] = [];
  let firstMs = Infinity;
  if (bytes > 0) {
    const lines = await LineBlocks.open(path);
    try {
      while (firstMs === Infinity && (await lines.next())) {
        for (const line of lines.bytes.toString('latin1', 0, lines.length).split('\n')) {
          const at = headerAt(line);
          if (at >= 0) headers.push(...[plugsOf(line.slice(at)) ?? []].filter((plugs) => plugs.length > 0));
          const comma = line.indexOf(',');
          const ms = comma > 0 ? timestampOf(line.slice(0, comma), nowMs) : undefined;
          if (typeof ms === 'number' && ms < firstMs) firstMs = ms;
        }
      }
    } finally {
      await lines.close();
    }
  }
  return { path, bytes, firstMs: firstMs === Infinity ? -Infinity : firstMs, headers };
}

/** All undamaged headers of a file. */
async function headersOf(path: string): Promise<readonly (readonly string[])[]> {
  const headers: (readonly string[])[] = [];
  const lines = await LineBlocks.open(path);
  try {
    while (await lines.next()) {
      const block = lines.bytes.subarray(0, lines.length);
      for (let at = block.indexOf('time'); at >= 0; at = block.indexOf('time', at)) {
        const end = block.indexOf(NEWLINE, at);
        const plugs = plugsOf(block.toString('latin1', at, end));
        if (plugs) headers.push(plugs);
        at = end;
      }
    }
  } finally {
    await lines.close();
  }
  return headers;
}
