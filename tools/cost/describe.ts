import { LEFT_OUT } from './estimate.ts';
import { figure, type Item, total } from './item.ts';

/** An estimate as lines for a terminal: each part with what it has, and the sum. */
export function describeEstimate(items: readonly Item[]): string[] {
  const usd = (amount: number): string => amount.toFixed(2).padStart(10);
  return [
    ...items.map(
      ({ part, item, count, usd: amount, isChecked }) =>
        `  ${part.padEnd(12)}${figure(count).padStart(13)} x ${item.padEnd(62)}${isChecked ? ' ' : '~'}${usd(amount)}`,
    ),
    `  ${'total'.padEnd(91)}${usd(total(items))} USD a month`,
    `  not included: ${LEFT_OUT}`,
  ];
}
