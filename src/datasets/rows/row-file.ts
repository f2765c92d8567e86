import { LineBlocks } from './line-blocks.ts';
import type { RowWindow } from './row-window.ts';
import { type FileCounts, reject, type TakeLines } from './rows.ts';

/** One open file: its lines go through a parser into a window, its rows come out of the window in time order. */
export class RowFile {
  readonly window: RowWindow;
  readonly #lines: LineBlocks;
  readonly #take: TakeLines;
  readonly #counts: FileCounts;

  private constructor(lines: LineBlocks, window: RowWindow, take: TakeLines, counts: FileCounts) {
    this.#lines = lines;
    this.window = window;
    this.#take = take;
    this.#counts = counts;
  }

  /**
   * @param start first byte to read; the caller sees to it that a line begins there.
   * @throws DataSetError naming the file.
   */
  static async open(path: string, window: RowWindow, take: TakeLines, counts: FileCounts, start = 0): Promise<RowFile> {
    return new RowFile(await LineBlocks.open(path, start), window, take, counts);
  }

  /**
   * Reads on until the window has a row.
   *
   * @returns false when there is none left.
   * @throws DataSetError naming the file.
   */
  async fill(): Promise<boolean> {
    while (!this.window.hasRow) {
      const more = await this.#lines.next();
      if (this.#lines.longLines > 0) {
        reject(this.#counts, 'long_row', this.#lines.longLines);
        this.#lines.longLines = 0;
      }
      if (!more) {
        this.window.finish();
        return this.window.hasRow;
      }
      this.#take(this.#lines.bytes, this.#lines.length);
    }
    return true;
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}
