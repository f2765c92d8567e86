/** How a data set is to be read. */
export interface OpenOptions {
  /** Readings above this are rejected as `absurd_power`, W. Default: {@link DEFAULT_MAX_POWER_W}. */
  readonly maxPowerW?: number;
  /** Told in one line, once, of what a reader had to make up, such as a channel without a label. Default: stderr. */
  readonly warn?: (message: string) => void;
}

/** {@link OpenOptions} with nothing left out. */
export type ReadSettings = Required<OpenOptions>;
