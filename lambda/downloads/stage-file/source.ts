/** Where a file comes from: read from one address, whole or in ranges. */

/** What a source says of itself before it is read. */
export interface Opened {
  /** Bytes; undefined when the source does not say, which only a source without ranges may do. */
  readonly size: number | undefined;
  /** Changes with the file: tells parts of one version from those of another. Undefined: not needed. */
  readonly version: string | undefined;
  /** Whether a part can be asked for by itself. */
  readonly hasRanges: boolean;
}

export interface Source {
  readonly url: string;
  /** @throws SourceError. */
  open(signal: AbortSignal): Promise<Opened>;
  /**
   * The bytes from `from` up to `to` (inclusive, counted from 0) of the version that was opened.
   *
   * @throws SourceError, also when there are fewer or more of them.
   */
  readRange(opened: Opened, from: number, to: number, signal: AbortSignal): Promise<Buffer>;
  /** All bytes. The iteration throws a SourceError when it ends early. */
  readAll(signal: AbortSignal): AsyncIterable<Buffer>;
}

/** A source could not be read. The message has no address: the caller adds it. */
export class SourceError extends Error {
  override readonly name = 'SourceError';

  constructor(
    message: string,
    /** Whether trying again may help. */
    readonly isTransient: boolean,
  ) {
    super(message);
  }
}

/** The bytes of a stream, of which there must be exactly `size`. */
export async function collect(stream: AsyncIterable<Buffer>, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  for await (const chunk of stream) {
    if (length + chunk.length > size) {
      throw new SourceError(`answers a range of ${size} bytes with more`, false);
    }
    length += chunk.copy(bytes, length);
  }
  if (length < size) {
    throw new SourceError(`ended after ${length} of ${size} bytes of a part`, true);
  }
  return bytes;
}
