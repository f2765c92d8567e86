import { CANARY_HOUSE } from '../../src/canary/newest.ts';

/** Readings in powerraw, by who sent them. */
export interface ReadingAudit {
  readonly replay: number;
  readonly canary: number;
  /** Of the live ones, those at or before the last one of their appliance: sent twice, or out of order. */
  readonly repeated: number;
}

/** Counts the readings of a run, and finds those that are there twice. */
export class ReadingAuditor {
  readonly #newest = new Map<string, number>();
  #replay = 0;
  #canary = 0;
  #repeated = 0;

  /** Any reading. @param house key of its message. */
  count(house: string | undefined): void {
    if (house === CANARY_HOUSE) {
      this.#canary += 1;
    } else {
      this.#replay += 1;
    }
  }

  /** A live one. @param timestampMs ms since the epoch. */
  live(appliance: string, timestampMs: number): void {
    const last = this.#newest.get(appliance) ?? -Infinity;
    if (timestampMs <= last) {
      this.#repeated += 1;
    } else {
      this.#newest.set(appliance, timestampMs);
    }
  }

  audit(): ReadingAudit {
    return { replay: this.#replay, canary: this.#canary, repeated: this.#repeated };
  }
}
