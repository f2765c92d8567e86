/**
 * Random faults: while the grid is live, its processes are killed, stopped for a while or asked to end, and the time until
 * each is healthy again is measured.
 */
import { processTree } from '../../engines/supervision/process-tree.ts';
import type { Supervisor } from '../../engines/supervision/supervisor.ts';
import { sleep } from '../../src/core/clock/timers.ts';
import { randomFrom } from '../../src/core/random.ts';

/** kill: SIGKILL to the process and all that it started. stop: SIGSTOP, and SIGCONT after up to 30 s. restart: SIGTERM. */
export const FAULTS = ['kill', 'stop', 'restart'] as const;
export type Fault = (typeof FAULTS)[number];

/** The longest that a process is stopped, ms. */
const LONGEST_STOP_MS = 30_000;
const SHORTEST_STOP_MS = 1_000;
/** Faults come up to this much earlier or later than planned, so that they hit every phase of periodic work, ms. */
const JITTER_MS = 1_000;
const LOOK_EVERY_MS = 250;
/** How long processes may take to recover after the end of the storm, ms. */
const PATIENCE_MS = 300_000;

/** The supervisor's own helper is a target like any process that it supervises. */
const GUARD = 'guard';
/** Spark's JVM has a session of its own: without Python it ends, and Python without it. */
const SPARK = 'spark';
const SPARK_JVM = `${SPARK} (jvm)`;

/** One fault and what came of it. */
export interface Incident {
  /** Of the storm, ms. */
  readonly atMs: number;
  readonly target: string;
  readonly fault: Fault;
  /** How long it was stopped, ms; 0 for other faults. */
  readonly stoppedMs: number;
  /** From the fault's end (the signal, or SIGCONT) until it was healthy; undefined when it never was. */
  recoveredMs?: number;
}

export interface StormSettings {
  readonly everyMs: number;
  readonly seed: number;
  /** Names of processes that are only started after the storm began: until then they are passed over. */
  readonly later: readonly string[];
  /** Receives each fault as a sentence. */
  readonly note: (sentence: string) => void;
}

/** The faults in order. They depend on the seed and on the names of the processes only. */
export function* plan(seed: number, targets: readonly string[]): Generator<Plan, never> {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  let round: string[] = [];
  for (;;) {
    // In rounds: in a storm that is long enough, everything is hit.
    if (round.length === 0) {
      round = [...targets].sort();
    }
    const [target] = round.splice(below(round.length), 1);
    const fault = FAULTS[below(FAULTS.length)];
    const delayMs = below(2 * JITTER_MS + 1) - JITTER_MS;
    const stopMs = SHORTEST_STOP_MS + below(LONGEST_STOP_MS - SHORTEST_STOP_MS + 1);
    if (target === undefined || fault === undefined) {
      continue;
    }
    yield { target, fault, delayMs, stoppedMs: fault === 'stop' ? stopMs : 0 };
  }
}

export interface Plan {
  readonly target: string;
  readonly fault: Fault;
  /** Earlier (negative) or later than planned, ms. */
  readonly delayMs: number;
  readonly stoppedMs: number;
}

export class Storm {
  readonly #settings: StormSettings;
  readonly incidents: Incident[] = [];
  readonly #over = new AbortController();
  readonly #aftermath = new AbortController();
  readonly #recoveries: Promise<void>[] = [];
  #raging: Promise<void> = Promise.resolve();

  constructor(settings: StormSettings) {
    this.#settings = settings;
  }

  /** Begins; returns at once. */
  begin(supervisor: Supervisor): void {
    this.#raging = this.#rage(supervisor);
  }

  /** Ends it and resolves when every process is healthy, after five minutes at the latest. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#raging;
    void sleep(PATIENCE_MS, this.#aftermath.signal).then(() => this.#aftermath.abort());
    await Promise.all(this.#recoveries);
    this.#aftermath.abort();
  }

  async #rage(supervisor: Supervisor): Promise<void> {
    const { everyMs, seed, later, note } = this.#settings;
    const beganMs = Date.now();
    const next = plan(seed, targetsOf(supervisor, later));
    for (let nextMs = everyMs; ; nextMs += everyMs) {
      const { target, fault, delayMs, stoppedMs } = next.next().value;
      await sleep(beganMs + nextMs + delayMs - Date.now(), this.#over.signal);
      if (this.#over.signal.aborted) {
        return;
      }
      if (target !== GUARD && supervisor.state(nameOf(target)) === undefined) {
        note(`storm: ${target} is not started yet`);
        continue;
      }
      const incident: Incident = { atMs: Date.now() - beganMs, target, fault, stoppedMs };
      this.incidents.push(incident);
      const seconds = (incident.atMs / 1_000).toFixed(0);
      note(`storm, ${seconds} s: ${fault} ${target}${stoppedMs > 0 ? ` for ${(stoppedMs / 1_000).toFixed(0)} s` : ''}`);
      this.#recoveries.push(this.#strike(supervisor, incident));
    }
  }

  async #strike(supervisor: Supervisor, incident: Incident): Promise<void> {
    const { target, fault, stoppedMs } = incident;
    const pids = await pidsOf(supervisor, target);
    const before = supervisor.starts(nameOf(target));
    if (fault === 'stop') {
      signalAll(pids, 'SIGSTOP');
      await sleep(stoppedMs, this.#over.signal);
      signalAll(pids, 'SIGCONT');
    } else {
      signalAll(pids, fault === 'kill' ? 'SIGKILL' : 'SIGTERM');
    }
    const sinceMs = Date.now();
    if (await this.#recovers(supervisor, incident, pids, before)) {
      incident.recoveredMs = Date.now() - sinceMs;
    }
  }

  async #recovers(
    supervisor: Supervisor,
    { target, fault }: Incident,
    pids: readonly number[],
    before: number,
  ): Promise<boolean> {
    const isBack = async (): Promise<boolean> => {
      if (target === GUARD) {
        return supervisor.guardPid !== undefined && (fault !== 'kill' || !pids.includes(supervisor.guardPid));
      }
      // What was asked to end may take its time.
      if (fault !== 'stop' && supervisor.starts(nameOf(target)) === before) {
        return false;
      }
      return supervisor.isHealthy(nameOf(target));
    };
    while (!this.#aftermath.signal.aborted) {
      if (await isBack()) {
        return true;
      }
      await sleep(LOOK_EVERY_MS, this.#aftermath.signal);
    }
    return false;
  }
}

/** What can be hit. The same in each round, whatever has just ended, so that a seed repeats a storm. */
function targetsOf(supervisor: Supervisor, later: readonly string[]): string[] {
  const names = supervisor.names();
  return [...new Set([...names, ...later, ...(names.includes(SPARK) ? [SPARK_JVM] : []), GUARD])];
}

const nameOf = (target: string): string => (target === SPARK_JVM ? SPARK : target);

/** Process ids of a target, of all that it has started included. */
async function pidsOf(supervisor: Supervisor, target: string): Promise<number[]> {
  const root = target === GUARD ? supervisor.guardPid : supervisor.pid(nameOf(target));
  if (root === undefined) {
    return [];
  }
  const tree = await processTree(root);
  // Of Spark, Python is hit alone, or the JVM alone.
  if (target === SPARK_JVM) {
    return tree.filter((pid) => pid !== root);
  }
  return target === SPARK ? [root] : tree;
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}
