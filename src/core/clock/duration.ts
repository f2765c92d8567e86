/** Durations as people type them. */

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * @param text a number and a unit, e.g. `90s`, `1.5h`, `1d`; `0` needs no unit.
 * @returns ms.
 * @throws RangeError that names the text and what is allowed.
 */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const [, number, unit] = match ?? [];
  if (text === '0') {
    return 0;
  }
  if (number === undefined || unit === undefined) {
    throw new RangeError(`"${text}" is no duration: write a number and a unit, as in 90s, 15m, 12h or 1d`);
  }
  return Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
