/** The lines of an estimate. */
import { type Price, priceOf } from './prices.ts';

/** AWS' own count of a month. */
export const HOURS_PER_MONTH = 730;
export const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3_600;

/** One line of an estimate. */
export interface Item {
  readonly part: string;
  /** Key of the price, such as ec2/m5.large. */
  readonly price: string;
  /** For a reader: the price's key, and what it is for where that is not plain. */
  readonly item: string;
  /** How many of what the price is for: machines, GiB, GB, requests. */
  readonly count: number;
  /** USD a month of all of them. */
  readonly usd: number;
  /** How it is computed, with its numbers. */
  readonly formula: string;
  readonly source: string;
  readonly date: string;
  /** Whether a public source confirms the price. */
  readonly isChecked: boolean;
}

export interface Details {
  /** What it is for. Default: plain from the price. */
  readonly of?: string;
  /** How the count is computed. Default: it is a count. */
  readonly why?: string;
}

/** @throws RangeError when there is no such price. */
export function line(part: string, price: string, count: number, { of, why }: Details = {}): Item {
  const found = priceOf(price);
  const hours = found.per === 'hour' ? HOURS_PER_MONTH : 1;
  return {
    part,
    price,
    item: of === undefined ? price : `${price}: ${of}`,
    count,
    usd: count * found.usd * hours,
    formula: [`${figure(count)} x ${money(found)}`, ...(why === undefined ? [] : [why])].join('; '),
    source: found.source,
    date: found.date,
    isChecked: found.isChecked,
  };
}

export function total(items: readonly Item[]): number {
  return items.reduce((sum, { usd }) => sum + usd, 0);
}

export function figure(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 4 });
}

function money({ usd, per }: Price): string {
  const each = usd.toLocaleString('en-GB', { maximumSignificantDigits: 6, maximumFractionDigits: 10 });
  return per === 'hour' ? `${each} USD x ${HOURS_PER_MONTH} h` : `${each} USD a ${per}`;
}
