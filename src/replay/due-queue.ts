/** What falls due next among many: a binary heap on `due`, so that streams with nothing due are not scanned. */

export interface Due {
  /** Wall-clock ms. */
  readonly due: number;
}

export class DueQueue<Item extends Due> {
  readonly #heap: Item[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** When the next item falls due; Infinity when there is none. */
  get due(): number {
    return this.#heap[0]?.due ?? Infinity;
  }

  push(item: Item): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.due <= item.due) {
        break;
      }
      heap[index] = above;
      index = parent;
    }
    heap[index] = item;
  }

  /** Takes out the item that falls due first. */
  pop(): Item | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) {
      return first;
    }
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = heap[child];
      if (left === undefined) {
        break;
      }
      const right = heap[child + 1];
      const earlier = right !== undefined && right.due < left.due ? right : left;
      if (earlier === right) {
        child += 1;
      }
      if (earlier.due >= last.due) {
        break;
      }
      heap[index] = earlier;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}
