/** Headers of GREEND files: `timestamp,<16 hexadecimal digits>,...`, a plug's address for each column. */

const ADDRESS = /^[0-9A-F]{16}$/;

/** Where a header begins in a line, or -1. No field of a row can hold these letters. */
export function headerAt(line: string): number {
  return line.indexOf('time');
}

/**
 * The plugs of a header's columns in their order.
 *
 * @param text from the word `timestamp` on.
 * @returns undefined when the header is damaged: an address cut short would be another plug's.
 */
export function plugsOf(text: string): readonly string[] | undefined {
  const [first, ...rest] = text.trim().split(',');
  if (first !== 'timestamp') return undefined;
  if (rest.at(-1) === '') rest.pop();
  const plugs = rest.map((plug) => plug.trim().toUpperCase());
  if (plugs.length === 0 || !plugs.every((plug) => ADDRESS.test(plug))) return undefined;
  return new Set(plugs).size === plugs.length ? plugs : undefined;
}
