/**
 * A set of (appliance, window): a bit each, so that a day of windows every 5 s costs 2 kB an appliance and a run of
 * days can still be held against what came out of it, window by window.
 */
export class WindowSet {
  readonly #originMs: number;
  readonly #bits = new Map<string, Uint8Array>();
  #size = 0;

  /**
   * @param slideMs a window ends every so many ms since the epoch.
   * @param originMs no window of interest ends before this time: bits are counted from here.
   */
  constructor(
    readonly slideMs: number,
    originMs: number,
  ) {
    this.#originMs = originMs;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * @param windowEnd ms since the epoch, a multiple of the slide, not before the origin.
   * @returns whether it was not in the set before.
   */
  add(appliance: string, windowEnd: number): boolean {
    const index = this.#index(windowEnd);
    if (index < 0) {
      return false;
    }
    let bits = this.#bits.get(appliance);
    if (bits === undefined || index >> 3 >= bits.length) {
      const grown = new Uint8Array(Math.max(64, 2 ** Math.ceil(Math.log2((index >> 3) + 1))));
      if (bits) {
        grown.set(bits);
      }
      this.#bits.set(appliance, (bits = grown));
    }
    const mask = 1 << (index & 7);
    const byte = bits[index >> 3] ?? 0;
    if ((byte & mask) !== 0) {
      return false;
    }
    bits[index >> 3] = byte | mask;
    this.#size += 1;
    return true;
  }

  has(appliance: string, windowEnd: number): boolean {
    const index = this.#index(windowEnd);
    const byte = index < 0 ? undefined : this.#bits.get(appliance)?.[index >> 3];
    return byte !== undefined && (byte & (1 << (index & 7))) !== 0;
  }

  /** All of it, in no order. */
  *[Symbol.iterator](): Generator<{ appliance: string; windowEnd: number }> {
    for (const [appliance, bits] of this.#bits) {
      for (let index = 0; index < bits.length * 8; index += 1) {
        if (((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0) {
          yield { appliance, windowEnd: (this.#first + index) * this.slideMs };
        }
      }
    }
  }

  get #first(): number {
    return Math.floor(this.#originMs / this.slideMs);
  }

  #index(windowEnd: number): number {
    return windowEnd / this.slideMs - this.#first;
  }
}
