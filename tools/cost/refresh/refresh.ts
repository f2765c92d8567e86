/**
 * Brings tools/cost/prices.json to what AWS' price list says, from the offer files that AWS publishes for everybody:
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
 */
import { z } from 'zod';

import type { Prices } from '../prices.ts';
import { rowsOf } from './csv.ts';
import { type PriceRule, ruleOf } from './rules.ts';

/** Columns that every offer file has, and those that rules ask for. */
const rowSchema = z.looseObject({
  TermType: z.string(),
  StartingRange: z.string(),
  PricePerUnit: z.string(),
  Currency: z.string(),
  usageType: z.string(),
});

type Row = z.output<typeof rowSchema>;

/** Key of the source in prices.json. */
const SOURCE = 'price-list';

export interface Refreshed {
  readonly prices: Prices;
  /** Prices that have changed, with both. */
  readonly changed: readonly { readonly price: string; readonly before: number; readonly after: number }[];
  /** Prices that the list does not have where they are looked for: they stay as they are, with their source and date. */
  readonly missing: readonly string[];
}

/** The address of a service's prices in a region. */
export function offerUrl(offer: string, region: string): string {
  return `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${offer}/current/${region}/index.csv`;
}

/**
 * @param linesOf opens an offer file and gives its lines: some files have millions.
 * @param date on which it is read.
 * @throws PriceListError, ZodError when what comes is no offer file.
 */
export async function refresh(
  known: Prices,
  linesOf: (url: string) => AsyncIterable<string>,
  date: string,
): Promise<Refreshed> {
  const rules = Object.keys(known.prices).flatMap((price) => {
    const rule = ruleOf(price);
    return rule ? [{ price, rule }] : [];
  });
  const found = new Map<string, number>();
  for (const offer of new Set(rules.map(({ rule }) => rule.offer))) {
    const wanted = rules.filter(({ rule }) => rule.offer === offer);
    for await (const fields of rowsOf(linesOf(offerUrl(offer, known.region)))) {
      const row = rowSchema.parse(fields);
      const usd = Number(row.PricePerUnit);
      // Of tiers the first; reservations, and what is free, are other rows.
      if (
        row.TermType !== 'OnDemand' ||
        row.Currency !== known.currency ||
        Number(row.StartingRange) > 0 ||
        !(usd > 0)
      ) {
        continue;
      }
      for (const { price, rule } of wanted) {
        if (matches(row, rule)) {
          found.set(price, round(usd * (rule.times ?? 1)));
        }
      }
    }
  }
  const changed = [...found].flatMap(([price, after]) => {
    const before = known.prices[price]?.usd ?? NaN;
    return before === after ? [] : [{ price, before, after }];
  });
  return {
    prices: {
      ...known,
      prices: Object.fromEntries(
        Object.entries(known.prices).map(([price, entry]) => {
          const usd = found.get(price);
          return [price, usd === undefined ? entry : { ...entry, usd, source: SOURCE, date }];
        }),
      ),
    },
    changed,
    missing: Object.keys(known.prices).filter((price) => !found.has(price)),
  };
}

function matches(row: Row, { usageType, where = {} }: PriceRule): boolean {
  // EUC1-BoxUsage:m5.large, but not DedicatedUsage:m5.large or UnusedBox:m5.large.
  const isUsage = row.usageType === usageType || row.usageType.endsWith(`-${usageType}`);
  return isUsage && Object.entries(where).every(([column, value]) => row[column] === value);
}

/** The list has ten decimal places; a product of binary fractions has more. */
function round(usd: number): number {
  return Number(usd.toFixed(10));
}
