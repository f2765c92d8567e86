/**
 * One process of the grid on one machine, as data: how it is started, when it may start, when it is healthy. The
 * supervisor knows engines by this type alone.
 */
export interface EngineProcess {
  /** Short name in kebab case: shown in the terminal, and the log file's name. */
  readonly name: string;
  readonly command: string;
  /** A function is asked at each start, restarts included. */
  readonly args: readonly string[] | (() => readonly string[]);
  /** Added to the environment of the supervisor. Default: nothing. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the supervisor's own. */
  readonly cwd?: string;
  /** Names of the processes that must be healthy before this one starts. Default: none. */
  readonly after?: readonly string[];
  /** TCP ports on the loopback address that it will listen on: one in use is an error before anything starts. Default: none. */
  readonly ports?: readonly number[];
  /** Done before each start, restarts included, so it must be idempotent: render configuration, format a disk. Default: nothing. */
  readonly prepare?: () => Promise<void>;
  /**
   * Whether it is healthy, asked every few hundred ms until it first is, every few seconds from then on. Should answer
   * within 2 s; a rejection counts as "not yet".
   */
  readonly isHealthy: () => Promise<boolean>;
  /** How long it may take until it first is healthy, ms. Default: 300,000: a busy machine starts six JVMs slowly. */
  readonly startTimeoutMs?: number;
  /** How long it may take to stop after SIGTERM before its process group is killed, ms. Default: 15,000. */
  readonly stopTimeoutMs?: number;
  /** Called with every line of its standard output, for programs that report in JSON lines. Default: only logged. */
  readonly onLine?: (line: string) => void;
}
