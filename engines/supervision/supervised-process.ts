import { createWriteStream, type WriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { execa } from 'execa';
import { z } from 'zod';

import { after, sleep } from '../../src/core/clock/timers.ts';
import type { EngineProcess } from './engine.ts';
import type { Guard } from './guard.ts';
import type { ProcessLedger } from './leftovers.ts';
import { unicodeLocale } from './locale.ts';
import { SupervisionError } from './supervision-error.ts';

/** waiting: for what it comes after; unhealthy: runs, but its check fails; stopped: on request; failed: given up. */
export type ProcessState =
  'waiting' | 'starting' | 'healthy' | 'unhealthy' | 'restarting' | 'stopping' | 'stopped' | 'failed';

const PROBE_WHILE_STARTING_MS = 250;
const PROBE_WHILE_HEALTHY_MS = 5_000;
const DEFAULT_START_TIMEOUT_MS = 300_000;
const DEFAULT_STOP_TIMEOUT_MS = 15_000;
/** A process that dies this often before it was ever healthy has a cause that restarts won't cure. */
const MOST_EARLY_DEATHS = 3;
const LONGEST_BACKOFF_MS = 30_000;
/** Lines of its log that an error shows. */
const LAST_LINES = 5;
/** Characters of an unreadable line that a note shows. */
const LINE_SHOWN = 200;

type Child = ReturnType<typeof spawnEngine>;

function spawnEngine(engine: EngineProcess) {
  const args = typeof engine.args === 'function' ? engine.args() : engine.args;
  return execa(engine.command, args, {
    // A process group of its own: Ctrl-C in the terminal must reach only us, and a kill must reach its children.
    detached: true,
    reject: false,
    buffer: false,
    // Never written to: it ends when we do, which tells our own programs that no one listens any more.
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    env: { ...unicodeLocale(), ...engine.env },
    cwd: engine.cwd ?? process.cwd(),
  });
}

/** One process under supervision. */
export class SupervisedProcess {
  readonly #ledger: ProcessLedger;
  readonly #guard: Guard;
  readonly #report: (state: ProcessState, note?: string) => void;
  /** Resolves when it is healthy for the first time, rejects when it is given up before. */
  readonly firstHealthy: Promise<void>;
  #resolveHealthy: () => void = () => undefined;
  #rejectHealthy: (error: SupervisionError) => void = () => undefined;
  #state: ProcessState = 'waiting';
  #child: Child | undefined;
  #supervision: Promise<void> | undefined;
  #wasHealthy = false;
  #unreadableLines = 0;
  #starts = 0;
  #hasLogFailed = false;
  readonly #abort = new AbortController();
  readonly #logFile: string;

  constructor(
    readonly engine: EngineProcess,
    logDirectory: string,
    ledger: ProcessLedger,
    guard: Guard,
    report: (state: ProcessState, note?: string) => void,
  ) {
    this.#ledger = ledger;
    this.#guard = guard;
    this.#report = report;
    this.#logFile = join(logDirectory, `${engine.name}.log`);
    this.firstHealthy = new Promise<void>((resolve, reject) => {
      this.#resolveHealthy = resolve;
      this.#rejectHealthy = reject;
    });
    // A caller that waits sees the rejection; without one it must not be a crash.
    this.firstHealthy.catch(() => undefined);
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** Leader of its process group; undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  /** Asks it now. Never rejects; false while it does not run. */
  async isHealthy(): Promise<boolean> {
    if (!this.#child) {
      return false;
    }
    try {
      return await this.engine.isHealthy();
    } catch {
      return false;
    }
  }

  /** How many lines of its standard output `onLine` refused: they are in the log, and nothing else came of them. */
  get unreadableLines(): number {
    return this.#unreadableLines;
  }

  /** Starts it and keeps it running. Resolves when it is healthy for the first time. */
  async start(): Promise<void> {
    this.#supervision ??= this.#supervise();
    await this.firstHealthy;
  }

  signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) {
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch {
      // Gone already.
    }
  }

  /** Ends it: SIGTERM, then SIGKILL to its whole process group. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#abort.abort();
    if (this.#supervision === undefined) {
      this.#set('stopped');
      this.#rejectHealthy(new SupervisionError(`${this.engine.name} was stopped before it was started`));
      return;
    }
    if (this.#child && this.#state !== 'failed') {
      this.#set('stopping');
    }
    this.signal('SIGTERM');
    const cancel = after(this.engine.stopTimeoutMs ?? DEFAULT_STOP_TIMEOUT_MS, () => this.signal('SIGKILL'));
    await this.#supervision;
    cancel();
    if (this.#state !== 'failed') {
      this.#set('stopped');
    }
  }

  async #supervise(): Promise<void> {
    let deaths = 0;
    while (!this.#isStopping()) {
      this.#set(deaths === 0 ? 'starting' : 'restarting');
      const end = await this.#runOnce();
      if (this.#isStopping()) {
        break;
      }
      deaths = this.#state === 'healthy' || this.#state === 'unhealthy' ? 1 : deaths + 1;
      if (!this.#wasHealthy && deaths >= MOST_EARLY_DEATHS) {
        await this.#giveUp(`${end} ${MOST_EARLY_DEATHS} times before it was healthy`);
        return;
      }
      this.#set('restarting', `${this.engine.name} ${end} and is started again (log: ${this.#logFile})`);
      const backoffMs = Math.min(LONGEST_BACKOFF_MS, 500 * 2 ** (deaths - 1));
      await sleep(backoffMs, this.#abort.signal);
    }
    this.#rejectHealthy(new SupervisionError(`${this.engine.name} was stopped before it was healthy`));
  }

  /** Runs it until it ends, and says how it ended. */
  async #runOnce(): Promise<string> {
    try {
      await this.engine.prepare?.();
    } catch (error) {
      return `could not be prepared: ${messageOf(error)}`;
    }
    if (this.#isStopping()) {
      return 'was stopped';
    }
    let child: Child;
    try {
      child = spawnEngine(this.engine);
    } catch (error) {
      return `could not be started: ${messageOf(error)}`;
    }
    const { pid } = child;
    // First of all: from here on it does not outlive us.
    if (pid !== undefined) {
      this.#guard.add(pid);
    }
    const log = createWriteStream(this.#logFile, { flags: 'a' });
    this.#child = child;
    this.#starts += 1;
    this.#pipe(child, log);
    if (pid !== undefined) {
      await this.#ledger.add(this.engine.name, pid);
    }
    const ended = new AbortController();
    const probing = this.#probe(ended.signal);
    const result = await child;
    ended.abort();
    await probing;
    // Children that outlived their parent hold ports and files.
    this.signal('SIGKILL');
    if (pid !== undefined) {
      this.#guard.remove(pid);
    }
    this.#child = undefined;
    await this.#ledger.remove(this.engine.name);
    log.end();
    if (pid === undefined) {
      return `could not be started: ${result.shortMessage ?? result.command}`;
    }
    return result.signal === undefined
      ? `ended with status ${result.exitCode ?? '?'}`
      : `was ended by ${result.signal}`;
  }

  #pipe(child: Child, log: WriteStream): void {
    // On a full disk the process continues without its log: what it writes is read all the same, so that it never blocks.
    log.on('error', (error) => this.#logFailed(error));
    for (const output of [child.stdout, child.stderr]) {
      output.on('data', (chunk: Buffer) => {
        if (log.writable) {
          log.write(chunk);
        }
      });
      output.on('error', () => undefined);
    }
    // A child that closes its standard input is no fault of ours.
    child.stdin.on('error', () => undefined);
    const { onLine } = this.engine;
    if (onLine) {
      createInterface({ input: child.stdout }).on('line', (line) => this.#readLine(onLine, line));
    }
  }

  /** No line of a process ends who supervises it: a killed process leaves half a line, another version a new one. */
  #readLine(onLine: (line: string) => void, line: string): void {
    try {
      onLine(line);
    } catch (error) {
      this.#unreadableLines += 1;
      if (this.#unreadableLines > 1) {
        return;
      }
      const start = line.length > LINE_SHOWN ? `${line.slice(0, LINE_SHOWN)}...` : line;
      this.#report(
        this.#state,
        `${this.engine.name} printed a line that can't be read (${messageOf(error)}): ${start} -- such lines are counted from now on (log: ${this.#logFile})`,
      );
    }
  }

  #logFailed(error: Error): void {
    if (this.#hasLogFailed) {
      return;
    }
    this.#hasLogFailed = true;
    this.#report(this.#state, `${this.engine.name} runs without its log ${this.#logFile}: ${messageOf(error)}`);
  }

  async #probe(ended: AbortSignal): Promise<void> {
    const startedAt = Date.now();
    const startTimeoutMs = this.engine.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS;
    let healthy = false;
    while (!ended.aborted) {
      const isHealthy = await this.isHealthy();
      // Aborted while the check was under way.
      if (ended.aborted as boolean) {
        return;
      }
      if (isHealthy !== healthy) {
        healthy = isHealthy;
        if (!this.#isStopping()) {
          this.#set(healthy ? 'healthy' : 'unhealthy');
        }
      }
      if (healthy && !this.#wasHealthy) {
        this.#wasHealthy = true;
        this.#resolveHealthy();
      }
      if (!this.#wasHealthy && Date.now() - startedAt > startTimeoutMs) {
        await this.#giveUp(`was not healthy within ${Math.round(startTimeoutMs / 1_000)} s`);
        this.#abort.abort();
        this.signal('SIGKILL');
        return;
      }
      const pause = healthy ? PROBE_WHILE_HEALTHY_MS : PROBE_WHILE_STARTING_MS;
      await sleep(pause, ended);
    }
  }

  async #giveUp(why: string): Promise<void> {
    const log = await readFile(this.#logFile, 'utf8').catch(() => '');
    const lastLines = log.trimEnd().split('\n').slice(-LAST_LINES).join('\n  ');
    this.#set('failed', `${this.engine.name} ${why}`);
    this.#rejectHealthy(
      new SupervisionError(`${this.engine.name} ${why}; its log ${this.#logFile} ends with:\n  ${lastLines}`),
    );
  }

  #isStopping(): boolean {
    return this.#abort.signal.aborted;
  }

  #set(state: ProcessState, note?: string): void {
    this.#state = state;
    this.#report(state, note);
  }
}

/** The first line of what went wrong. */
function messageOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    return z.prettifyError(error).replaceAll(/\s*\n\s*/g, ' ');
  }
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
