/**
 * What is measured, as data: a case names its unit and, once its engines run, its contenders; the frame runs them in
 * turn, takes medians and writes them down. Cases know nothing of each other and nothing of tables or files.
 */
import type { EngineHomes } from '../../engines/setup/set-up.ts';

/** What one run of one contender gave. */
export interface Run {
  /** In the case's unit: work done per second of the wall clock, start-up and warm-up left out where the case says so. */
  readonly rate: number;
  /** Units of work that the CPU time below was spent on (readings, say). */
  readonly count: number;
  readonly cpuSeconds: CpuSeconds;
  /** Further figures by name, the unit at the name's end: `p99_ms`, `bytes_per_reading`. Default: none. */
  readonly more?: Readonly<Record<string, number>>;
}

/** CPU time of a run, user and system, s. */
export interface CpuSeconds {
  /** Of the program under test. */
  readonly client: number;
  /** Of the engine that it works against. Default: there is none, or it is the program under test. */
  readonly engine?: number;
}

/** One way to do the case's work. */
export interface Contender {
  /** As the table shows it, with what tells it from others: `replay (kafkajs)`. */
  readonly name: string;
  /** Does the work once. Runs must not depend on each other: a topic of its own, or one that every run adds to. */
  run(): Promise<Run>;
}

/** A case whose engines run. */
export interface OpenCase {
  readonly ours: Contender;
  /** The programs that ours is compared with, in the same turn and on the same engines. */
  readonly peers: readonly Contender[];
  /** Ends engines and removes files; called once, also after a failure. */
  close(): Promise<void>;
}

export interface BenchCase {
  /** In kebab case, unique: the key in the results. */
  readonly name: string;
  /** What is measured, and on what, in a line. */
  readonly title: string;
  /** Unit of {@link Run.rate}, e.g. `readings/s`. */
  readonly unit: string;
  /** How often the contenders take turns: below 3 only for what is a measurement over minutes in itself. @default 3 */
  readonly rounds?: number;
  open(bench: Bench): Promise<OpenCase>;
}

/** What a case is given. */
export interface Bench {
  readonly homes: EngineHomes;
  /** Python with what bench/peers/requirements.lock names; made when it is first asked for. */
  peersPython(): Promise<string>;
  /** An empty folder for the case alone, removed by the frame after `close`. */
  readonly directory: string;
  /** Multiplies amounts of work: 1 for figures that count, less for a quick look. */
  readonly scale: number;
  /** How long a case that measures over time does so, ms. Default: the case's own choice. */
  readonly forMs: number | undefined;
  /** Aborted when the user stops the measurement: what a case has started must end. `close` is called then. */
  readonly signal: AbortSignal;
  /** Tells the user what is being done, in a line. */
  note(line: string): void;
}
