/**
 * A host for the real shell scripts: its folders are below a temporary one, and what reaches out of the machine is a fake
 * that notes its call. The clock is the fake `sleep`'s: a quarter of an hour of pauses takes no time.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { execaSync } from 'execa';

import { repositoryPath } from '../../src/files/repository.ts';

/** Paths of a host that a test must not touch on this computer. */
const HOST_PATHS = /(?<![\w./}])\/(etc|opt|var|run|proc|usr\/local|dev\/console)\b/g;

export interface Ran {
  readonly exitCode: number | undefined;
  /** Standard output and error. */
  readonly said: string;
}

export class FakeHost {
  readonly root = mkdtempSync(join(tmpdir(), 'igrid-host-'));
  readonly #bin = join(this.root, 'bin');

  constructor() {
    this.write('proc/uptime', '100.00 0.00\n');
    this.write('calls', '');
    for (const folder of ['bin', 'dev', 'etc/systemd/system', 'etc/apt', 'opt', 'run', 'usr/local/sbin', 'var/log']) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    this.fake('sleep', 'read -r up _ <"$ROOT/proc/uptime"; echo "$((${up%.*} + $1)).00 0.00" >"$ROOT/proc/uptime"');
    for (const command of ['apt-get', 'dpkg', 'systemctl', 'logger', 'aws', 'curl']) {
      this.fake(command, 'exit 0');
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** A path of the host on this computer. */
  path(name: string): string {
    return join(this.root, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  read(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : '';
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** A command that notes its call and then runs a script of bash with $ROOT and `uptime` (s since the host's start). */
  fake(command: string, script: string): void {
    const file = join(this.#bin, command);
    const uptime = 'uptime() { local up; read -r up _ <"$ROOT/proc/uptime"; echo "$((${up%.*} - 100))"; }';
    writeFileSync(file, `#!/bin/bash\necho "${command} $*" >>"$ROOT/calls"\n${uptime}\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** A command that the host does not have. */
  without(command: string): void {
    rmSync(join(this.#bin, command), { force: true });
  }

  /** Every call of a fake, in order. */
  get calls(): string[] {
    return this.read('calls')
      .split('\n')
      .filter((line) => line !== '');
  }

  /** Seconds that went by. */
  get seconds(): number {
    return Number(this.read('proc/uptime').split('.')[0]) - 100;
  }

  /** Text of a script as it is on this host. */
  rewritten(text: string): string {
    return text.replaceAll(HOST_PATHS, `${this.root}/$1`);
  }

  /** Puts a script of the repository on the host. */
  install(repositoryFile: string, name: string): void {
    this.write(name, this.rewritten(readFileSync(repositoryPath(repositoryFile), 'utf8')));
    chmodSync(this.path(name), 0o755);
  }

  /** Runs a script of bash on the host. */
  run(script: string, ...args: string[]): Ran {
    this.write('script', this.rewritten(script));
    const { exitCode, all } = execaSync('bash', [this.path('script'), ...args], {
      env: { ROOT: this.root, PATH: `${this.#bin}:/usr/bin:/bin` },
      extendEnv: false,
      all: true,
      reject: false,
    });
    return { exitCode, said: all };
  }
}
