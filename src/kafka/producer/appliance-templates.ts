/**
 * What is the same in all messages of an appliance, as bytes: its partition, its key, and the Avro fields before the
 * timestamp. A few large blocks of memory hold all appliances, since a million JavaScript objects would cost more than
 * what they say: an appliance takes the bytes of its three texts, ten bytes more, and no object.
 */
import type { Appliance } from './record-sink.ts';
import { varintSize, writeVarint } from './varint.ts';

/** Bytes of a block, and the bits of a place in it. */
const BLOCK_BITS = 20;
const BLOCK_BYTES = 1 << BLOCK_BITS;
const BLOCK_MASK = BLOCK_BYTES - 1;
/** As many as 32 bits of place can name: 4 GB, some 80 million appliances. */
const MAX_BLOCKS = 2 ** (32 - BLOCK_BITS);

/** Where a template's parts are, from its place on: 16 bits each, low first, then the texts. */
export const TEMPLATE = {
  partition: 0,
  /** Length of the first text, the key, together with its length's own bytes. */
  keyLength: 2,
  /** Length of all three texts. */
  length: 4,
  texts: 6,
} as const;

/** A template's three texts must fit in as many bytes, UTF-8, lengths included. */
export const MAX_TEMPLATE_BYTES = 0xffff;

const encoder = new TextEncoder();

export class ApplianceTemplates {
  readonly #blocks: Uint8Array[] = [];
  /** Next free byte of the last block. */
  #free = BLOCK_BYTES;
  #places = new Uint32Array(1_024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Memory of all templates, bytes. */
  get bytes(): number {
    return this.#blocks.length * BLOCK_BYTES + this.#places.byteLength;
  }

  /**
   * @param partition where the appliance's house belongs, 0 to 65,535.
   * @returns the appliance's number: how many there were before it.
   * @throws RangeError when its texts are too long.
   */
  add(appliance: Appliance, partition: number): number {
    // Kafka writes a key as Avro writes a string, so the template's first text is also the record's key.
    const key = encoder.encode(appliance.houseId);
    const name = encoder.encode(appliance.applianceName);
    const id = encoder.encode(appliance.applianceId);
    const keyLength = varintSize(key.length) + key.length;
    const length = keyLength + varintSize(name.length) + name.length + varintSize(id.length) + id.length;
    if (length > MAX_TEMPLATE_BYTES) {
      const start = appliance.applianceId.slice(0, 40);
      throw new RangeError(`appliance ${start}...: its ids and name take ${length} of at most ${MAX_TEMPLATE_BYTES} B`);
    }
    const place = this.#allot(TEMPLATE.texts + length);
    const block = this.blockOf(place);
    let at = place & BLOCK_MASK;
    for (const number of [partition, keyLength, length]) {
      block[at++] = number;
      block[at++] = number >> 8;
    }
    for (const text of [key, name, id]) {
      at = writeVarint(block, at, text.length);
      block.set(text, at);
      at += text.length;
    }
    return this.#remember(place);
  }

  /** An appliance's place, to be given to {@link blockOf} and {@link offsetOf}. @throws RangeError when it has none. */
  placeOf(appliance: number): number {
    const place = appliance < this.#count ? this.#places[appliance] : undefined;
    if (place === undefined) {
      throw new RangeError(`no appliance ${appliance}`);
    }
    return place;
  }

  blockOf(place: number): Uint8Array {
    const block = this.#blocks[place >>> BLOCK_BITS];
    if (!block) {
      throw new RangeError(`no template at ${place}`);
    }
    return block;
  }

  /** Where in its block a place is. */
  offsetOf(place: number): number {
    return place & BLOCK_MASK;
  }

  /** A place for so many bytes in one block. */
  #allot(bytes: number): number {
    if (this.#free + bytes > BLOCK_BYTES) {
      if (this.#blocks.length === MAX_BLOCKS) {
        throw new RangeError(`no room for more than ${this.#count} appliances`);
      }
      this.#blocks.push(new Uint8Array(BLOCK_BYTES));
      this.#free = 0;
    }
    const place = (this.#blocks.length - 1) * BLOCK_BYTES + this.#free;
    this.#free += bytes;
    return place;
  }

  #remember(place: number): number {
    if (this.#count === this.#places.length) {
      const larger = new Uint32Array(this.#count + (this.#count >> 1));
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places[this.#count] = place;
    return this.#count++;
  }
}
