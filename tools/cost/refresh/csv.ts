/** Rows of an offer file of AWS' price list, in CSV: a few lines about the file, then a header, then a row for each price. */

/** The first column of the header, before which the file speaks of itself. */
const FIRST_COLUMN = 'SKU';

/** Splits a line at its commas; a quoted field may hold commas, and quotes as two. */
export function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  for (const [, quoted, plain = ''] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
  }
  return fields;
}

/**
 * @throws PriceListError when there is no header.
 */
export async function* rowsOf(lines: AsyncIterable<string>): AsyncGenerator<Readonly<Record<string, string>>> {
  let header: string[] | undefined;
  for await (const line of lines) {
    const fields = fieldsOf(line);
    if (header) {
      yield Object.fromEntries(header.map((name, index) => [name, fields[index] ?? '']));
    } else if (fields[0] === FIRST_COLUMN) {
      header = fields;
    }
  }
  if (!header) {
    throw new PriceListError(`no line begins with ${FIRST_COLUMN}: this is no offer file of AWS' price list`);
  }
}

/** What came is no price list. */
export class PriceListError extends Error {
  override readonly name = 'PriceListError';
}
