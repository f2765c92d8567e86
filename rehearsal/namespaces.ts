import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

import type { EngineProcess } from '../engines/supervision/engine.ts';
import { until } from '../src/core/clock/until.ts';
import { LINK, LINK_PREFIX, OUTSIDE_ADDRESS, SERVICE_ADDRESS, VPC } from './addresses.ts';
import { BRIDGE } from './bridge.ts';
import { removeControlGroups } from './control-groups.ts';

/** What the first process does: mounts that only the rehearsal sees, and then nothing until its input ends. */
const FIRST = `
mkdir -p /run/netns
mount -t tmpfs tmpfs /run/netns
mount --bind "$1" /etc/resolv.conf
cat
: # A shell that is still there waits for orphans.
`;

type First = ReturnType<typeof startFirst>;

function startFirst(resolver: string) {
  return execa(
    'unshare',
    [
      ...['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL', '--propagation=private'],
      ...['sh', '-euc', FIRST, 'first', resolver],
    ],
    { stdin: 'pipe', stdout: 'ignore', reject: false, detached: true },
  );
}

/**
 * Processes, mounts and network of a rehearsal, apart from this computer's. Its first process ends with its standard
 * input, which is ours: however we end, kill -9 included, the kernel then kills every process inside, and with the last
 * one go all mounts, interfaces and addresses.
 */
export class Namespaces {
  readonly #first: First;
  readonly #target: string;

  private constructor(first: First, pid: number) {
    this.#first = first;
    this.#target = `--target=${pid}`;
  }

  /**
   * @param state folder of the rehearsal, for the file that names its resolver.
   * @throws Error with what the system refused; needs root.
   */
  static async create(state: string): Promise<Namespaces> {
    const resolver = join(state, 'resolv.conf');
    await writeFile(resolver, `nameserver ${VPC.resolver}\n`);
    const first = startFirst(resolver);
    const pid = await childOf(first.pid);
    const namespaces = new Namespaces(first, pid);
    try {
      await namespaces.#connect(pid);
    } catch (error) {
      await namespaces.destroy();
      throw error;
    }
    return namespaces;
  }

  /** Ends everything inside; resolves when it is gone. */
  async destroy(): Promise<void> {
    this.#first.stdin.end();
    await this.#first;
    await execa('ip', ['link', 'delete', LINK], { reject: false });
    await removeControlGroups();
  }

  /** How a command is run inside. */
  command(command: string, args: readonly string[]): { command: string; args: string[] } {
    return {
      command: 'nsenter',
      args: [this.#target, '--net', '--mount', '--pid', '--', command, ...args],
    };
  }

  /** The same engine, inside. */
  inside(engine: EngineProcess): EngineProcess {
    const { args } = engine;
    return {
      ...engine,
      command: 'nsenter',
      args: () => this.command(engine.command, typeof args === 'function' ? args() : args).args,
      // They are asked about on this computer's loopback address, where nothing of ours listens.
      ports: [],
    };
  }

  async #connect(pid: number): Promise<void> {
    await execa('ip', ['link', 'delete', LINK], { reject: false });
    await removeControlGroups();
    const outside = [
      ['link', 'add', LINK, 'type', 'veth', 'peer', 'name', 'outside', 'netns', String(pid)],
      ['address', 'add', `${OUTSIDE_ADDRESS}/${LINK_PREFIX}`, 'dev', LINK],
      ['link', 'set', LINK, 'up'],
    ];
    const inside = [
      ['link', 'set', 'lo', 'up'],
      ['address', 'add', `${SERVICE_ADDRESS}/${LINK_PREFIX}`, 'dev', 'outside'],
      ['link', 'set', 'outside', 'up'],
      ...BRIDGE,
    ];
    for (const args of outside) {
      await execa('ip', args);
    }
    for (const args of inside) {
      await this.run('ip', args);
    }
    // Hosts reach the mirror outside as if this were their NAT gateway.
    await this.run('sh', ['-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']);
    await this.run('nft', [
      'add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }; add rule ip nat out oifname outside masquerade',
    ]);
  }

  /** Runs a command inside to its end. */
  async run(command: string, args: readonly string[]): Promise<string> {
    const inside = this.command(command, args);
    const { stdout } = await execa(inside.command, inside.args);
    return stdout;
  }
}

async function childOf(pid: number | undefined): Promise<number> {
  let child = '';
  await until(
    async () => {
      const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', String(pid)], { reject: false });
      child = stdout.trim();
      return child !== '';
    },
    { timeoutMs: 5_000, otherwise: () => new Error('a namespace could not be made: are you root?') },
  );
  return Number(child);
}
