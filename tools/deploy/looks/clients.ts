import { REQUEST_LIMITS } from '../../deployment/place.ts';

/** Settings of a look's clients: they give up before the operator does. */
export function clientOf(region: string): {
  region: string;
  maxAttempts: number;
  requestHandler: typeof REQUEST_LIMITS;
} {
  return { region, maxAttempts: 3, requestHandler: REQUEST_LIMITS };
}

/** All pages of a listing as one list. */
export async function collected<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  for await (const page of pages) {
    all.push(...(itemsOf(page) ?? []));
  }
  return all;
}
