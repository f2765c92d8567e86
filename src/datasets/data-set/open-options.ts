import type { House } from './data-set.ts';

/** How a data set is to be read. */
export interface OpenOptions {
  /** Readings above this are rejected as `absurd_power`, W. Default: {@link DEFAULT_MAX_POWER_W}. */
  readonly maxPowerW?: number | undefined;
  /** IANA zone of the houses, where their midnight is. Default: that of the layout's own data set. */
  readonly timeZone?: string | undefined;
  /**
   * Told in one line, once, of what a reader had to make up or leave out, such as a channel without a label. Default:
   * stderr.
   */
  readonly warn?: ((message: string) => void) | undefined;
}

/** {@link OpenOptions} with what every reader needs. */
export interface ReadSettings {
  readonly maxPowerW: number;
  readonly timeZone: string | undefined;
  readonly warn: (message: string) => void;
}

/** What became of a data set's houses. */
export interface OpenedHouses {
  readonly houses: House[];
  /** Why others are left out, each in words. */
  readonly leftOut: string[];
}
