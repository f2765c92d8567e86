/** A process and those below it, from proc(5): benches and storms run on Linux. */
import { readdir, readFile } from 'node:fs/promises';

/** @returns the process and all that it or they started, those with a session of their own included; none when it has ended. */
export async function processTree(root: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  for (const pid of pids) {
    const [, parent] = await statFields(pid);
    if (parent !== undefined) {
      parents.set(pid, Number(parent));
    }
  }
  const tree = parents.has(root) ? [root] : [];
  // It grows while it is walked.
  for (const known of tree) {
    for (const [pid, parent] of parents) {
      if (parent === known) {
        tree.push(pid);
      }
    }
  }
  return tree;
}

/**
 * What proc(5) calls fields 3, 4 and so on of a process's stat: those behind its name, which may hold anything.
 *
 * @returns none when the process has ended.
 */
export async function statFields(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/**
 * Ends at once what this process measures: its children, with all below them. Engines are left alone: they have process
 * groups of their own, and their parents stop them.
 */
export async function killContenders(): Promise<void> {
  const [, , ownGroup] = await statFields(process.pid);
  const below = await processTree(process.pid);
  for (const child of below) {
    const [, parent, group] = await statFields(child);
    if (Number(parent) !== process.pid || group !== ownGroup) {
      continue;
    }
    // Spark's JVM, too, which has a session of its own: one with RocksDB that ends by itself in the middle of a batch can
    // wait for its own threads forever.
    for (const pid of await processTree(child)) {
      kill(pid);
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended by itself.
  }
}
