/** Headers of GREEND files: `timestamp,<16 hexadecimal digits>,...`, a plug's address for each column. */

const ADDRESS = /^[0-9A-F]{16}$/;

/** What a header says of the rows that follow it. */
export interface Header {
  /** The plugs of the columns in their order. */
  readonly plugs: readonly string[];
  readonly separator: string;
  /** Whether a separator ends the line, as spreadsheets write it: then it may end rows as well. */
  readonly isTrailed: boolean;
}

/** How a header begins, damaged or not: no field of a row can hold these letters. */
export const HEADER_START = 'time';

/**
 * @param text from the word `timestamp` on, up to any line end.
 * @returns undefined when the header is damaged: an address cut short would be another plug's.
 */
export function headerOf(text: string): Header | undefined {
  const line = (/^[^\r\n]*/.exec(text)?.[0] ?? '').replaceAll('"', '').trimEnd();
  const separator = /^timestamp *([,;\t])/.exec(line)?.[1] ?? ',';
  const [first, ...rest] = line.split(separator).map((cell) => cell.trim());
  if (first !== 'timestamp') {
    return undefined;
  }
  const isTrailed = rest.at(-1) === '';
  if (isTrailed) {
    rest.pop();
  }
  const plugs = rest.map((plug) => plug.toUpperCase());
  if (plugs.length === 0 || !plugs.every((plug) => ADDRESS.test(plug))) {
    return undefined;
  }
  return new Set(plugs).size === plugs.length ? { plugs, separator, isTrailed } : undefined;
}
