/** `npm run cost -- --refresh`: reads AWS' price list and writes tools/cost/prices.json. */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { PRICES, type Prices, pricesSchema } from '../prices.ts';
import { PriceListError } from './csv.ts';
import { refresh } from './refresh.ts';

const FILE = fileURLToPath(new URL('../prices.json', import.meta.url));

export async function refreshFile(print: (line: string) => void): Promise<void> {
  const { prices, changed, missing } = await refresh(PRICES, linesOf, new Date().toISOString().slice(0, 10));
  writeFileSync(FILE, formatted(pricesSchema.parse(prices)));
  for (const { price, before, after } of changed) {
    print(`${price}: ${before} -> ${after} USD`);
  }
  if (missing.length > 0) {
    print(`not found in the price list, left as they were: ${missing.join(', ')}`);
  }
  print(`wrote ${FILE}; then: npm run docs`);
}

async function* linesOf(url: string): AsyncGenerator<string> {
  const response = await fetch(url);
  if (!response.ok || !response.body) {
    throw new PriceListError(`${url} answers ${response.status}`);
  }
  yield* createInterface({ input: Readable.fromWeb(response.body), crlfDelay: Infinity });
}

/** A line for each source and price. */
export function formatted({ sources, prices, ...about }: Prices): string {
  const lines = (entries: Readonly<Record<string, object>>): string =>
    Object.entries(entries)
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${spaced(value)}`)
      .join(',\n');
  const head = Object.entries(about).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  return `{\n${head.join('\n')}\n  "sources": {\n${lines(sources)}\n  },\n  "prices": {\n${lines(prices)}\n  }\n}\n`;
}

/** An object on one line, as Prettier writes it. */
function spaced(value: object): string {
  const fields = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${JSON.stringify(inner)}`);
  return `{ ${fields.join(', ')} }`;
}
