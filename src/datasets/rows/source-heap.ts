/* eslint-disable @typescript-eslint/no-non-null-assertion -- a heap in arrays, every index bounded by its size */
/** A binary min-heap of sources by the instant of their next row; of equal instants the source with the lower number. */
export class SourceHeap {
  readonly #sources: number[] = [];
  readonly #instants: Float64Array;

  /** @param instants the first instant of each source, ms. */
  constructor(instants: readonly number[]) {
    this.#instants = Float64Array.from(instants);
    this.#sources = Array.from(instants.keys()).sort((a, b) => (this.#before(a, b) ? -1 : 1));
  }

  get size(): number {
    return this.#sources.length;
  }

  /** The source that is next. Only while {@link size} > 0. */
  get first(): number {
    return this.#sources[0]!;
  }

  /** The first source's next row is at `instant`, ms. */
  moveFirst(instant: number): void {
    this.#instants[this.#sources[0]!] = instant;
    this.#siftDown();
  }

  /** The first source has no more rows. */
  removeFirst(): void {
    const last = this.#sources.pop()!;
    if (this.#sources.length === 0) {
      return;
    }
    this.#sources[0] = last;
    this.#siftDown();
  }

  #before(a: number, b: number): boolean {
    const difference = this.#instants[a]! - this.#instants[b]!;
    // Both may be -Infinity, whose difference is NaN.
    return difference < 0 || (!(difference > 0) && a < b);
  }

  #siftDown(): void {
    const sources = this.#sources;
    const moved = sources[0]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= sources.length) {
        break;
      }
      if (child + 1 < sources.length && this.#before(sources[child + 1]!, sources[child]!)) {
        child += 1;
      }
      if (!this.#before(sources[child]!, moved)) {
        break;
      }
      sources[at] = sources[child]!;
      at = child;
    }
    sources[at] = moved;
  }
}
