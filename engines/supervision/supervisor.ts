import { EventEmitter } from 'node:events';

import { HOST } from './addresses.ts';
import type { EngineProcess } from './engine.ts';
import { Guard } from './guard.ts';
import { killLeftovers, ProcessLedger } from './leftovers.ts';
import { isListening } from './listening.ts';
import { type ProcessState, SupervisedProcess } from './supervised-process.ts';
import { SupervisionError } from './supervision-error.ts';

/** What happened to a process, for the terminal. */
export interface SupervisionEvent {
  readonly process: string;
  readonly state: ProcessState;
  /** A sentence for the user, where there is something to say. */
  readonly note?: string;
}

interface Events {
  event: [SupervisionEvent];
  /** A sentence for the user that concerns no process in particular. */
  note: [string];
}

/**
 * Keeps a set of processes running: starts each once what it needs is healthy, checks its health, restarts what dies, and
 * stops all of them, whatever happens, its own death included.
 */
export class Supervisor extends EventEmitter<Events> {
  readonly #logDirectory: string;
  readonly #ledgerFile: string;
  readonly #processes = new Map<string, SupervisedProcess>();
  readonly #ledger: ProcessLedger;
  readonly #guard = new Guard();
  #isStopped = false;

  /**
   * @param logDirectory a log file `NAME.log` per process goes here; the folder must exist.
   * @param ledgerFile notes which processes run, so that the next start can end what a killed one has left behind.
   */
  constructor(logDirectory: string, ledgerFile: string) {
    super();
    this.#logDirectory = logDirectory;
    this.#ledgerFile = ledgerFile;
    let isTold = false;
    this.#ledger = new ProcessLedger(ledgerFile, (error) => {
      if (isTold) {
        return;
      }
      isTold = true;
      this.emit(
        'note',
        `${ledgerFile} can't be written (${String(error)}): a start after a crash won't end what is left`,
      );
    });
  }

  /** Ends processes that an earlier supervisor with the same ledger left running. Returns their names. */
  async endLeftovers(): Promise<string[]> {
    return killLeftovers(this.#ledgerFile);
  }

  /**
   * Starts processes and resolves when all of them are healthy. Those that they come `after` must be among them or have
   * been started before.
   *
   * @throws SupervisionError when a port is in use, a process does not become healthy, or everything was stopped.
   */
  async start(engines: readonly EngineProcess[]): Promise<void> {
    this.#mayStart();
    for (const engine of engines) {
      for (const port of engine.ports ?? []) {
        if (await isListening(HOST, port)) {
          throw new SupervisionError(
            `Port ${port}, which ${engine.name} needs, is in use: stop what listens there, or choose another with --ports`,
          );
        }
      }
    }
    // Stopped while ports were looked at.
    this.#mayStart();
    for (const engine of engines) {
      const process = new SupervisedProcess(engine, this.#logDirectory, this.#ledger, this.#guard, (state, note) =>
        this.emit('event', { process: engine.name, state, ...(note !== undefined && { note }) }),
      );
      this.#processes.set(engine.name, process);
    }
    await Promise.all(
      engines.map(async (engine) => {
        await Promise.all((engine.after ?? []).map((name) => this.#known(name).firstHealthy));
        await this.#known(engine.name).start();
      }),
    );
  }

  /** How a process is, or undefined when it was never started. */
  state(name: string): ProcessState | undefined {
    return this.#processes.get(name)?.state;
  }

  /** Names of all that was ever started, in that order. */
  names(): string[] {
    return [...this.#processes.keys()];
  }

  /** Process id of what runs under a name, the leader of its process group; undefined while nothing does. */
  pid(name: string): number | undefined {
    return this.#processes.get(name)?.pid;
  }

  /** How often a process was started. */
  starts(name: string): number {
    return this.#processes.get(name)?.starts ?? 0;
  }

  /** Asks a process now whether it is healthy; its state is its last answer to the regular check. Never rejects. */
  async isHealthy(name: string): Promise<boolean> {
    return (await this.#processes.get(name)?.isHealthy()) ?? false;
  }

  /** Process id of the guard, see {@link Guard}; undefined while nothing runs. */
  get guardPid(): number | undefined {
    return this.#guard.pid;
  }

  /** By process, how many lines it printed that could not be read; those without any are left out. */
  unreadableLines(): Record<string, number> {
    const talkers = [...this.#processes.values()].filter(({ unreadableLines }) => unreadableLines > 0);
    return Object.fromEntries(talkers.map(({ engine, unreadableLines }) => [engine.name, unreadableLines]));
  }

  /** Stops one process for good; resolves when it is gone. */
  async stopOne(name: string): Promise<void> {
    await this.#processes.get(name)?.stop();
  }

  /** Sends a signal to one process's group, as tests and operators do; it is restarted if it dies of it. */
  signal(name: string, signal: NodeJS.Signals): void {
    this.#known(name).signal(signal);
  }

  /** Stops everything, those first that others don't need. Resolves when all are gone; safe to call twice. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    // A process that depends on another was stopped once its own promise settles, so each waits for its dependants.
    const stopped = new Map<string, Promise<void>>();
    const stopLast = (name: string): Promise<void> => {
      const known = stopped.get(name);
      if (known) {
        return known;
      }
      const dependants = [...this.#processes.values()].filter((other) => other.engine.after?.includes(name));
      const done = Promise.all(dependants.map((other) => stopLast(other.engine.name))).then(() => this.stopOne(name));
      stopped.set(name, done);
      return done;
    };
    await Promise.all([...this.#processes.keys()].map(stopLast));
    this.#guard.end();
    await this.#ledger.clear();
  }

  #mayStart(): void {
    if (this.#isStopped) {
      throw new SupervisionError('everything was stopped');
    }
  }

  #known(name: string): SupervisedProcess {
    const process = this.#processes.get(name);
    if (!process) {
      throw new SupervisionError(`there is no process ${name}`);
    }
    return process;
  }
}
