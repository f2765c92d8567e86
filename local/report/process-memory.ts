import { readdir, readFile } from 'node:fs/promises';

import { execa } from 'execa';

const EVERY_MS = 1_000;

/** Watches the resident memory of this process and all that it started, whichever process group they are in. */
export class MemoryWatch {
  #peakBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  start(): void {
    this.#timer = setInterval(() => {
      void residentBytes(process.pid)
        .then((bytes) => (this.#peakBytes = Math.max(this.#peakBytes, bytes)))
        .catch(() => undefined);
    }, EVERY_MS);
  }

  /** @returns the most that all of them together had at once, bytes. Memory that processes share counts for each. */
  stop(): number {
    clearInterval(this.#timer);
    return this.#peakBytes;
  }
}

interface ProcessSize {
  readonly pid: number;
  readonly parent: number;
  readonly bytes: number;
}

async function residentBytes(root: number): Promise<number> {
  const processes = await allProcesses();
  const children = new Map<number, ProcessSize[]>();
  for (const process of processes) {
    children.set(process.parent, [...(children.get(process.parent) ?? []), process]);
  }
  let total = processes.find(({ pid }) => pid === root)?.bytes ?? 0;
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of children.get(pid) ?? []) {
      total += child.bytes;
      queue.push(child.pid);
    }
  }
  return total;
}

/** From proc(5) where there is one, else from `ps`. */
async function allProcesses(): Promise<ProcessSize[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) {
    return fromPs();
  }
  const sizes = await Promise.all(
    pids.map(async (pid): Promise<ProcessSize[]> => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      return status === '' ? [] : [{ pid: Number(pid), parent: field('PPid'), bytes: field('VmRSS') * 1_024 }];
    }),
  );
  return sizes.flat();
}

async function fromPs(): Promise<ProcessSize[]> {
  const { stdout } = await execa('ps', ['-Ao', 'pid=,ppid=,rss=']);
  return stdout.split('\n').map((line) => {
    const [pid = 0, parent = 0, kilobytes = 0] = line.trim().split(/\s+/).map(Number);
    return { pid, parent, bytes: kilobytes * 1_024 };
  });
}
