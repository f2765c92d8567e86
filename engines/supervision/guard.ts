import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

import { after } from '../../src/core/clock/timers.ts';

const SCRIPT = join(import.meta.dirname, 'guard.sh');
/** A guard that is killed is replaced after this, ms. */
const AGAIN_MS = 200;

/**
 * A small process beside the supervisor that ends what the supervisor has started if the supervisor dies: Node can't ask
 * the kernel for that (prctl's PR_SET_PDEATHSIG), and the children are in process groups of their own.
 */
export class Guard {
  readonly #groups = new Set<number>();
  #child: ChildProcess | undefined;
  #hasEnded = false;

  /** Process id of the guard itself; undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @param pid of the leader of a process group that has just been started. */
  add(pid: number): void {
    this.#groups.add(pid);
    if (this.#child) {
      this.#tell(`+ ${pid}`);
    } else {
      this.#start();
    }
  }

  /** A group is gone: its id may soon be another's. */
  remove(pid: number): void {
    this.#groups.delete(pid);
    this.#tell(`- ${pid}`);
  }

  /** The supervisor ends in order and has ended all of them. */
  end(): void {
    this.#hasEnded = true;
    this.#child?.stdin?.end();
    this.#child = undefined;
  }

  #start(): void {
    // A session of its own: what is sent to the supervisor's process group must not reach it.
    const child = spawn('/bin/sh', [SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    this.#child = child;
    // It does not keep this process from ending.
    child.unref();
    const again = (): void => {
      if (this.#hasEnded || this.#child !== child) {
        return;
      }
      this.#child = undefined;
      after(AGAIN_MS, () => {
        if (!this.#hasEnded && !this.#child && this.#groups.size > 0) {
          this.#start();
        }
      });
    };
    child.on('error', again).on('exit', again);
    child.stdin.on('error', () => undefined);
    for (const pid of this.#groups) {
      this.#tell(`+ ${pid}`);
    }
  }

  #tell(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }
}
