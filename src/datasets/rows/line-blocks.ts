/**
 * A file as blocks of whole lines, `.gz` or not, in constant memory.
 *
 * No readline and no strings: a line costs nothing here. A block is a view of the reader's one buffer, valid until the
 * next one is asked for.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { DataSetError, messageOf } from '../data-set/errors.ts';
import { HEADER_START } from './greend-header.ts';
import { MAX_ROW_BYTES } from './rows.ts';

const NEWLINE = 10;
const RETURN = 13;
/** What editors put before UTF-8. */
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const HEADER = Buffer.from(HEADER_START);
/** What is kept of a long line: at least one that begins in it is seen. */
const HELD_BYTES = 2 * HEADER.length;
/** So many bytes at the start of a file tell whether every other one is NUL, as in UTF-16. */
const LOOK_AT_BYTES = 32;
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
    // The error reaches the iterating caller; the callback only keeps it from being unhandled.
    this.#stream = pipeline(createReadStream(path), gunzip, () => undefined);
    this.#chunks = gunzip[Symbol.asyncIterator]();
  }

  async read(target: Buffer, offset: number): Promise<number> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        return 0;
      }
      if (next.value instanceof Buffer) {
        this.#rest = next.value;
      }
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
  /** Where in the file the block begins, bytes; of a compressed file, in what it holds. */
  start: number;

  readonly #path: string;
  readonly #source: ByteSource;
  #filled = 0;
  #atEnd = false;
  #atStart: boolean;
  #inLongLine = false;
  /** Whether the long line holds what may be a header, further back than is kept. */
  #lostHeader = false;
  /** Lines of this file end with CR alone. */
  #endsWithReturn = false;

  private constructor(path: string, source: ByteSource, start = 0) {
    this.#path = path;
    this.#source = source;
    this.start = start;
    this.#atStart = start === 0;
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
      return new LineBlocks(path, new PlainFile(await open(path), start), start);
    } catch (error) {
      throw new DataSetError(`can't open ${path}: ${messageOf(error)}`);
    }
  }

  /**
   * The next block of lines. A last line without line end gets one, and where a file has no line ends but CR, as old
   * Macs wrote them, those become line ends.
   *
   * @returns false at the end of the file.
   * @throws DataSetError naming the file when it can't be read or decompressed, or is UTF-16.
   */
  async next(): Promise<boolean> {
    this.#drop(this.length);
    this.length = 0;
    while (!this.#atEnd) {
      const read = await this.#read();
      this.#filled += read;
      if (read === 0) {
        this.#atEnd = true;
        // There is room: what is left over is at most MAX_ROW_BYTES.
        if (this.#filled > 0 && !this.#inLongLine) {
          this.bytes[this.#filled++] = NEWLINE;
        }
        this.length = this.#inLongLine ? 0 : this.#filled;
        return this.length > 0;
      }
      if (this.#inLongLine) {
        this.#skipLongLine();
      }
      const end = this.#lastLineEnd();
      if (end >= 0) {
        this.length = end + 1;
        return true;
      }
      if (this.#filled > MAX_ROW_BYTES) {
        this.longLines += this.#inLongLine ? 0 : 1;
        this.#lostHeader &&= this.#inLongLine;
        this.#inLongLine = true;
        this.#skipLongLine();
      }
    }
    return false;
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  async #read(): Promise<number> {
    let read: number;
    try {
      read = await this.#source.read(this.bytes, this.#filled);
      if (this.#atStart) {
        this.#atStart = false;
        // A mark alone is not the end of the file.
        read = this.#withoutMark(read) || (await this.#source.read(this.bytes, 0));
      }
    } catch (error) {
      if (error instanceof DataSetError) {
        throw error;
      }
      throw new DataSetError(`can't read ${this.#path}: ${messageOf(error)}; is the file complete?`);
    }
    if (this.#endsWithReturn) {
      this.#endLines(this.#filled, this.#filled + read);
    }
    return read;
  }

  /** Looks at the first bytes of a file. @returns how many are left of them. */
  #withoutMark(read: number): number {
    const head = this.bytes.subarray(0, Math.min(read, LOOK_AT_BYTES));
    const isNul = (offset: number): boolean => head.every((byte, at) => (byte === 0) === (at % 2 === offset));
    const isMarked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
    if (isMarked || (head.length > 3 && (isNul(0) || isNul(1)))) {
      throw new DataSetError(`${this.#path} is UTF-16 text: save it as UTF-8`);
    }
    if (!head.subarray(0, MARK.length).equals(MARK)) {
      return read;
    }
    this.bytes.copyWithin(0, MARK.length, read);
    this.start += MARK.length;
    return read - MARK.length;
  }

  #lastLineEnd(): number {
    if (this.#filled === 0) {
      return -1;
    }
    const end = this.bytes.lastIndexOf(NEWLINE, this.#filled - 1);
    if (end >= 0 || this.#filled <= MAX_ROW_BYTES || !this.bytes.subarray(0, this.#filled).includes(RETURN)) {
      return end;
    }
    this.#endsWithReturn = true;
    this.#endLines(0, this.#filled);
    return this.bytes.lastIndexOf(NEWLINE, this.#filled - 1);
  }

  #endLines(from: number, to: number): void {
    for (let at = this.bytes.indexOf(RETURN, from); at >= 0 && at < to; at = this.bytes.indexOf(RETURN, at)) {
      this.bytes[at] = NEWLINE;
    }
  }

  /** Moves on by so many bytes. */
  #drop(bytes: number): void {
    this.bytes.copyWithin(0, bytes, this.#filled);
    this.#filled -= bytes;
    this.start += bytes;
  }

  /**
   * Passes over the rest of a long line, but for a header at its end: a block that the file system never wrote is of any
   * length, and a logger that starts again writes a header behind it. A header that is lost in the line is not passed
   * over silently: what is left of it makes a damaged one.
   */
  #skipLongLine(): void {
    const rest = this.bytes.subarray(0, this.#filled);
    const ends = [rest.indexOf(NEWLINE), rest.indexOf(RETURN)].filter((at) => at >= 0);
    const end = ends.length === 0 ? -1 : Math.min(...ends);
    const header = rest.subarray(0, end < 0 ? this.#filled : end).lastIndexOf(HEADER);
    this.#lostHeader ||= header >= 0;
    if (end < 0) {
      const kept = header >= 0 && this.#filled - header <= MAX_ROW_BYTES ? this.#filled - header : HELD_BYTES;
      this.#drop(Math.max(0, this.#filled - kept));
      return;
    }
    if (header < 0 && this.#lostHeader) {
      HEADER.copy(this.bytes, end - HEADER.length);
    }
    this.#drop(header >= 0 ? header : this.#lostHeader ? end - HEADER.length : end + 1);
    this.#inLongLine = false;
  }
}
