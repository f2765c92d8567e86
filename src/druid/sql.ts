/** SQL with typed rows, read as they come: a million of them need the memory of a few. */
import { z } from 'zod';

import type { Json } from '../core/templates/template.ts';
import { type DruidApi, DruidError } from './api.ts';

/** A value for a `?` of a query. A whole number is a BIGINT, another number a DOUBLE. */
export type SqlParameter = string | number | boolean;

export interface SqlOptions {
  /** Values for the `?` of the query, in order. Default: none. */
  readonly parameters?: readonly SqlParameter[];
  /** Druid's query context, e.g. `{ timeout: 10_000 }`. Default: Druid's own. */
  readonly context?: Readonly<Record<string, Json>>;
  /** Stops the query, also half-way. Default: none. */
  readonly signal?: AbortSignal;
}

/** The query asks for a data source that has no rows yet: Druid does not know one before its first row. */
export class UnknownDataSourceError extends DruidError {
  override readonly name = 'UnknownDataSourceError';
}

/**
 * The rows of a query, as they arrive.
 *
 * @param row the shape of one row, by its columns' names.
 * @throws UnknownDataSourceError when a data source has no rows yet.
 * @throws DruidError when Druid is away or refuses, when a row is not of this shape, or when the answer breaks off: rows
 *   that came before are then not the whole answer.
 */
export async function* streamSql<T>(
  api: DruidApi,
  query: string,
  row: z.ZodType<T>,
  options: SqlOptions = {},
): AsyncGenerator<T, void, undefined> {
  const { parameters = [], context = {}, signal } = options;
  const response = await api
    .request(
      'POST',
      '/druid/v2/sql',
      { query, context, parameters: parameters.map(typed), resultFormat: 'objectLines' },
      signal,
    )
    .catch((error: unknown) => {
      throw error instanceof DruidError && /Object '[^']+' not found/.test(error.message)
        ? new UnknownDataSourceError(error.message, error.status, { cause: error })
        : error;
    });
  // The format ends with an empty line, which is how an answer that broke off is told from a whole one.
  let isWhole = false;
  for await (const line of linesOf(response)) {
    isWhole = line === '';
    if (isWhole) {
      continue;
    }
    const parsed = row.safeParse(parseLine(line));
    if (!parsed.success) {
      throw new DruidError(`a row of Druid is not as expected: ${z.prettifyError(parsed.error)}`);
    }
    yield parsed.data;
  }
  if (!isWhole) {
    throw new DruidError('the answer of Druid broke off: ask again');
  }
}

/** All rows of a query at once; as {@link streamSql}. */
export async function querySql<T>(
  api: DruidApi,
  query: string,
  row: z.ZodType<T>,
  options: SqlOptions = {},
): Promise<T[]> {
  const rows: T[] = [];
  for await (const one of streamSql(api, query, row, options)) {
    rows.push(one);
  }
  return rows;
}

function typed(value: SqlParameter): Json {
  if (typeof value === 'string') {
    return { type: 'VARCHAR', value };
  }
  if (typeof value === 'boolean') {
    return { type: 'BOOLEAN', value };
  }
  return { type: Number.isInteger(value) ? 'BIGINT' : 'DOUBLE', value };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new DruidError(`a row of Druid is not JSON: ${line.slice(0, 200)}`, undefined, { cause: error });
  }
}

/** Complete lines only: text after the last line break was cut off. */
async function* linesOf(response: Response): AsyncGenerator<string, void, undefined> {
  if (response.body === null) {
    return;
  }
  let rest = '';
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    throw new DruidError('the answer of Druid broke off: ask again', response.status, { cause: error });
  }
}
