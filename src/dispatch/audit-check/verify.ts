/** Follows a whole audit trail, and says in one line what it found. */
import { BrokenChainError, type ChainHead, ChainVerifier } from '../audit/chain.ts';

export type Verdict =
  | { readonly isWhole: true; readonly records: number; readonly head: ChainHead | undefined }
  /** `record`: counts records read from 0; the number of all of them when some are missing at the end. */
  | { readonly isWhole: false; readonly record: number; readonly reason: string };

/** Records one by one, and the verdict at the end. What comes after the first broken record is not looked at. */
export class TrailCheck {
  readonly #verifier = new ChainVerifier();
  readonly #known: readonly ChainHead[];
  #broken: { readonly record: number; readonly reason: string } | undefined;

  /** @param known heads, of now or of earlier, as they are stored elsewhere. @default none: nothing missing at the end is found */
  constructor(known: readonly ChainHead[] = []) {
    this.#known = known;
  }

  add(record: Buffer): void {
    this.#look(() => {
      this.#verifier.add(record);
      this.#compare();
    });
  }

  verdict(): Verdict {
    for (const head of this.#known) {
      this.#look(() => this.#verifier.end(head));
    }
    const { records, head } = this.#verifier;
    return this.#broken ? { isWhole: false, ...this.#broken } : { isWhole: true, records, head };
  }

  /** A chain that was rewritten from some record on is whole in itself. */
  #compare(): void {
    const { head } = this.#verifier;
    if (head && this.#known.some(({ index, hash }) => index === head.index && !hash.equals(head.hash))) {
      throw new BrokenChainError(`record ${head.index} is not the one that was the head before`);
    }
  }

  #look(work: () => void): void {
    if (this.#broken) {
      return;
    }
    const record = this.#verifier.records;
    try {
      work();
    } catch (error) {
      if (!(error instanceof BrokenChainError)) {
        throw error;
      }
      this.#broken = { record, reason: error.message };
    }
  }
}

export function describeVerdict(verdict: Verdict): string {
  if (!verdict.isWhole) {
    return `the audit trail is broken at its record ${verdict.record} (counted from 0): ${verdict.reason}`;
  }
  const { records, head } = verdict;
  return head
    ? `the audit trail is whole: ${records} records, head ${headText(head)}`
    : 'the audit trail is empty: no record';
}

/** A head as people keep it: `INDEX:SHA-256`. */
export const headText = ({ index, hash }: ChainHead): string => `${index}:${hash.toString('hex')}`;

/** @returns undefined for a text that is no head. */
export function parseHead(text: string): ChainHead | undefined {
  const [, index, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return index !== undefined && hash !== undefined
    ? { index: Number(index), hash: Buffer.from(hash, 'hex') }
    : undefined;
}
