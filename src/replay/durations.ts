/** Durations as people type them: `90s`, `12h`, `1d`, `250ms`, `0`. */

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * @returns ms.
 * @throws RangeError when the text is none; the message says what it may be.
 */
export function parseDuration(text: string): number {
  const match = /^(?<amount>\d+(?:\.\d+)?)(?<unit>ms|s|m|h|d)$/.exec(text.trim());
  const amount = Number(match?.groups?.amount);
  const unit = match?.groups?.unit;
  if (text.trim() === '0') return 0;
  if (!match || !isUnit(unit)) throw new RangeError(`give a number and a unit (ms, s, m, h, d), such as 90s or 12h`);
  return Math.round(amount * UNIT_MS[unit]);
}

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_MS {
  return unit !== undefined && unit in UNIT_MS;
}
