/** Runs `action` for every item, at most `atOnce` at a time; the first error ends it. */
export async function forEachBounded<Item>(
  items: readonly Item[],
  atOnce: number,
  action: (item: Item) => Promise<void>,
): Promise<void> {
  // One iterator for all workers: each takes the next item that is left.
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) {
      await action(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
