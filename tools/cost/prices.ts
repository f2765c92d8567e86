/** Unit prices of AWS, each with its source and date: tools/cost/prices.json. */
import { z } from 'zod';

import pricesJson from './prices.json' with { type: 'json' };

const priceSchema = z.strictObject({
  usd: z.number().positive(),
  /** What the price is for: an hour or a month of one, a GB, a request. */
  per: z.enum(['hour', 'month', 'GB', 'request']),
  /** Key of `sources`. */
  source: z.string(),
  date: z.iso.date(),
});

export const pricesSchema = z
  .strictObject({
    region: z.string(),
    currency: z.literal('USD'),
    note: z.string(),
    sources: z.record(z.string(), z.strictObject({ name: z.string(), isPublic: z.boolean() })),
    prices: z.record(z.string(), priceSchema),
  })
  .check((context) => {
    for (const [item, { source }] of Object.entries(context.value.prices)) {
      if (!Object.hasOwn(context.value.sources, source)) {
        context.issues.push({
          code: 'custom',
          input: source,
          path: ['prices', item, 'source'],
          message: `one of ${Object.keys(context.value.sources).join(', ')}`,
        });
      }
    }
  });

export type Prices = z.output<typeof pricesSchema>;

export const PRICES = pricesSchema.parse(pricesJson);

export interface Price {
  readonly usd: number;
  readonly per: z.output<typeof priceSchema>['per'];
  /** In words. */
  readonly source: string;
  readonly date: string;
  /** Whether a public source confirms it. */
  readonly isChecked: boolean;
}

/** @throws RangeError when the table has no such price. */
export function priceOf(item: string): Price {
  const price = PRICES.prices[item];
  const source = price && PRICES.sources[price.source];
  if (!source) {
    throw new RangeError(`tools/cost/prices.json has no price of ${item}: add it, with source and date`);
  }
  return { ...price, source: source.name, isChecked: source.isPublic };
}
