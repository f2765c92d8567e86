/** Data files that something went wrong with: a repeatable sequence of small and large damages. */

/** 0 to below 1. */
export type Random = () => number;

const upTo = (random: Random, end: number): number => Math.floor(random() * end);
export const oneOf = <Item>(random: Random, items: readonly [Item, ...Item[]]): Item =>
  items[upTo(random, items.length)] ?? items[0];

/** A day and more of rows, one every few minutes. */
const startOf = (random: Random): number => 1_394_406_000 + upTo(random, 20) * 86_400;

/** A channel of REDD. */
export function reddText(random: Random): string {
  const start = startOf(random);
  const step = oneOf(random, [60, 120, 300]);
  return Array.from(
    { length: 300 },
    (_, row) => `${start + row * step} ${oneOf(random, ['0', '7.25', '101.5', String(upTo(random, 3_000))])}\n`,
  ).join('');
}

/** A day file of GREEND. @param plugs the addresses of its columns. */
export function greendText(random: Random, plugs: readonly string[]): string {
  const start = startOf(random);
  const header = `timestamp,${plugs.join(',')}\n`;
  return (
    header +
    Array.from({ length: 200 }, (_, row) => {
      const cells = plugs.map(() => oneOf(random, ['NULL', '', '0.0', '60.5', String(upTo(random, 2_000))]));
      return `${start + row * 300}.${upTo(random, 1_000_000)},${cells.join(',')}\n${row % 90 === 89 ? header : ''}`;
    }).join('')
  );
}

const SHIFTS = [3_600, 86_400, 40 * 86_400, 800 * 86_400, 3_000 * 86_400] as const;

/** What may happen to a text. */
const DAMAGES: readonly [Damage, ...Damage[]] = [
  // Bytes.
  (text, random) => at(text, random, 1, () => String.fromCharCode(upTo(random, 256))),
  (text, random) => at(text, random, 1, (byte) => String.fromCharCode(byte.charCodeAt(0) ^ (1 << upTo(random, 8)))),
  (text, random) => at(text, random, upTo(random, 400), () => ''),
  (text, random) => at(text, random, upTo(random, 40), (piece) => '\0'.repeat(piece.length)),
  (text, random) => at(text, random, 0, () => '\0'.repeat(upTo(random, 5_000))),
  (text, random) => at(text, random, upTo(random, 400), (piece) => piece + piece),
  (text, random) => text.slice(0, upTo(random, text.length)),
  (text, random) => at(text, random, 0, () => '7'.repeat(oneOf(random, [100, 16_384, 16_385, 20_000, 100_000]))),
  // Lines.
  (text, random) => line(text, random, () => ''),
  (text, random) => line(text, random, (row) => `${row}\n${row}`),
  (text, random) => line(text, random, (row) => row + row),
  (text, random) => line(text, random, (row) => row.replace(/,|;/g, oneOf(random, [';', '\t', ' ', ',,']))),
  (text, random) => line(text, random, (row) => row + oneOf(random, [',', ';', ' ', '\t', ',,', '"'])),
  (text, random) => line(text, random, (row) => row.replace(/[^,; \t]+/g, '"$&"')),
  (text, random) => line(text, random, (row) => row.replace('.', ',')),
  (text, random) =>
    line(text, random, (row) =>
      row.replace(
        /[^,; \t]+$/,
        oneOf(random, ['nan', '-inf', '1e9', '-3', '5.', '.5', '1e-3', 'x', '1,500', '0.072.172']),
      ),
    ),
  (text, random) =>
    line(text, random, (row) =>
      row.replace(/^\d+/, oneOf(random, ['0', '946684800', '99999999999', '1394406000000', '2014-03-10 00:00:00', ''])),
    ),
  (text, random) => swapped(text, random),
  (text, random) =>
    text
      .split('\n')
      .sort(() => random() - 0.5)
      .join('\n'),
  // Clocks.
  (text, random) => line(text, random, (row) => later(row, oneOf(random, SHIFTS))),
  (text, random) => line(text, random, (row) => later(row, -oneOf(random, SHIFTS))),
  (text, random) => some(text, random, (row) => later(row, -oneOf(random, SHIFTS))),
  (text, random) => some(text, random, (row) => later(row, oneOf(random, SHIFTS))),
  // Whole files.
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll('\n', '\r'),
  (text) => text.replaceAll(',', ';'),
  (text) => text.replaceAll('\n', ',\n'),
  (text) => text.replaceAll(/[^,;\s]+/g, '"$&"'),
  (text) => `\xEF\xBB\xBF${text}`,
  (text) => text + text,
  () => '',
];

type Damage = (text: string, random: Random) => string;

/** Mostly a few damages, now and then none. */
export function mutated(text: string, random: Random): string {
  const damages = upTo(random, 6);
  for (let count = 0; count < damages; count += 1) {
    text = oneOf(random, DAMAGES)(text, random);
  }
  return text;
}

function at(text: string, random: Random, length: number, change: (piece: string) => string): string {
  if (text === '') {
    return text;
  }
  const place = upTo(random, text.length);
  return text.slice(0, place) + change(text.slice(place, place + length)) + text.slice(place + length);
}

function line(text: string, random: Random, change: (row: string) => string): string {
  const lines = text.split('\n');
  const place = upTo(random, lines.length);
  return lines.map((row, index) => (index === place ? change(row) : row)).join('\n');
}

/** Several lines one after another. */
function some(text: string, random: Random, change: (row: string) => string): string {
  const lines = text.split('\n');
  const from = upTo(random, lines.length);
  const to = from + upTo(random, 60);
  return lines.map((row, index) => (index >= from && index < to ? change(row) : row)).join('\n');
}

function swapped(text: string, random: Random): string {
  const lines = text.split('\n');
  const [one, other] = [upTo(random, lines.length), upTo(random, lines.length)];
  [lines[one], lines[other]] = [lines[other] ?? '', lines[one] ?? ''];
  return lines.join('\n');
}

function later(row: string, seconds: number): string {
  return row.replace(/^\d{9,10}(?!\d)/, (found) => String(Number(found) + seconds));
}
