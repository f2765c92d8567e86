import { type Item, total } from './estimate.ts';

/** An estimate as lines for a terminal: each part with what it has, and the sum. */
export function describeEstimate(items: readonly Item[]): string[] {
  const usd = (amount: number): string => amount.toFixed(2).padStart(10);
  return [
    ...items.map(
      ({ part, what, count, usd: amount, isChecked }) =>
        `  ${part.padEnd(12)}${String(count).padStart(6)} x ${what.padEnd(24)}${isChecked ? ' ' : '~'}${usd(amount)}`,
    ),
    `  ${'in all'.padEnd(46)}${usd(total(items))} USD a month, before traffic, requests, logs and S3`,
  ];
}
