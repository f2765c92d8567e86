/**
 * A file as blocks of whole lines, `.gz` or not, in constant memory.
 *
 * No readline and no strings: a line costs nothing here. A block is a view of the reader's one buffer, valid until the
 * next one is asked for.
 */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { DataSetError, messageOf } from './errors.ts';
import { MAX_ROW_BYTES } from './rows.ts';

const NEWLINE = 10;
/** Large enough that a read costs little against parsing it, small enough for thousands of open files. */
const BLOCK_BYTES = 48 * 1024;

/** Where bytes come from: fills `target` from `offset` on and gives how many it wrote, 0 at the end. */
interface ByteSource {
  read(target: Buffer, offset: number): Promise<number>;
  close(): Promise<void>;
}

class PlainFile implements ByteSource {
  readonly #file: FileHandle;
  #position: number;

  constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#position = position;
  }

  async read(target: Buffer, offset: number): Promise<number> {
    const { bytesRead } = await this.#file.read(target, offset, target.length - offset, this.#position);
    this.#position += bytesRead;
    return bytesRead;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

class GzipFile implements ByteSource {
  readonly #stream: NodeJS.ReadableStream & { destroy(): void };
  readonly #chunks: AsyncIterator<unknown>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    const gunzip = createGunzip({ chunkSize: BLOCK_BYTES });
    // The error reaches whoever iterates; the callback only keeps it from being unhandled.
    this.#stream = pipeline(createReadStream(path), gunzip, () => undefined);
    this.#chunks = gunzip[Symbol.asyncIterator]();
  }

  async read(target: Buffer, offset: number): Promise<number> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return 0;
      if (next.value instanceof Buffer) this.#rest = next.value;
    }
    const copied = this.#rest.copy(target, offset);
    this.#rest = this.#rest.subarray(copied);
    return copied;
  }

  close(): Promise<void> {
    this.#stream.destroy();
    return Promise.resolve();
  }
}

export class LineBlocks {
  /** Lines of more than {@link MAX_ROW_BYTES}, passed over so far. */
  longLines = 0;
  /** The block: whole lines from 0 to {@link length}, each with its line end. */
  readonly bytes = Buffer.allocUnsafe(BLOCK_BYTES);
  length = 0;

  readonly #path: string;
  readonly #source: ByteSource;
  #filled = 0;
  #atEnd = false;
  #inLongLine = false;

  private constructor(path: string, source: ByteSource) {
    this.#path = path;
    this.#source = source;
  }

  /**
   * @param start byte to begin at, for files without compression only; the line that it cuts is not left out.
   * @throws DataSetError naming the file when it can't be opened.
   */
  static async open(path: string, start = 0): Promise<LineBlocks> {
    try {
      if (path.endsWith('.gz')) {
        // Opened once to see that it can be: a stream would tell only later.
        await (await open(path)).close();
        return new LineBlocks(path, new GzipFile(path));
      }
      return new LineBlocks(path, new PlainFile(await open(path), start));
    } catch (error) {
      throw new DataSetError(`can't open ${path}: ${messageOf(error)}`);
    }
  }

  /**
   * The next block of lines. A last line without line end gets one.
   *
   * @returns false at the end of the file.
   * @throws DataSetError naming the file when it can't be read or decompressed.
   */
  async next(): Promise<boolean> {
    this.bytes.copyWithin(0, this.length, this.#filled);
    this.#filled -= this.length;
    this.length = 0;
    while (!this.#atEnd) {
      const read = await this.#read();
      this.#filled += read;
      if (read === 0) {
        this.#atEnd = true;
        // There is room: what is left over is at most MAX_ROW_BYTES.
        if (this.#filled > 0 && !this.#inLongLine) this.bytes[this.#filled++] = NEWLINE;
        this.length = this.#inLongLine ? 0 : this.#filled;
        return this.length > 0;
      }
      if (this.#inLongLine) this.#skipLongLine();
      const end = this.#filled === 0 ? -1 : this.bytes.lastIndexOf(NEWLINE, this.#filled - 1);
      if (end >= 0) {
        this.length = end + 1;
        return true;
      }
      if (this.#filled > MAX_ROW_BYTES) {
        this.longLines += 1;
        this.#inLongLine = true;
        this.#filled = 0;
      }
    }
    return false;
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  async #read(): Promise<number> {
    try {
      return await this.#source.read(this.bytes, this.#filled);
    } catch (error) {
      throw new DataSetError(`can't read ${this.#path}: ${messageOf(error)}; is the file whole?`);
    }
  }

  #skipLongLine(): void {
    const end = this.bytes.subarray(0, this.#filled).indexOf(NEWLINE);
    if (end < 0) {
      this.#filled = 0;
      return;
    }
    this.bytes.copyWithin(0, end + 1, this.#filled);
    this.#filled -= end + 1;
    this.#inLongLine = false;
  }
}
