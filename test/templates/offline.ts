/** The templates as an operator gets them: by the app's own synthesis, without network or credentials. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import { PRESETS } from '../../lib/config/presets.ts';
import { repositoryPath } from '../../src/files/repository.ts';

const ROOT = repositoryPath();

/** The preset that synthesis refuses: it carries less than it is made for. */
const REFUSED = 'city';

/**
 * What is synthesised, as arguments of the CDK CLI: each preset as it comes, the refused one with a load that it carries,
 * and the seed's in the profile prod.
 */
const SELECTIONS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.keys(PRESETS).map((preset) => [preset, ['-c', `preset=${preset}`]])),
  [REFUSED]: ['-c', `preset=${REFUSED}`, '-c', `config=${join(import.meta.dirname, 'city.json')}`],
  prod: ['-c', `config=${join(import.meta.dirname, 'prod.json')}`],
};

/** A synthesis may take so long, s: of the clock or, on a machine that is busy, of the processor. */
export const LIMIT_S = 15;

export interface Synthesis {
  readonly name: string;
  /** With `*.template.json`. */
  readonly folder: string;
  /** Of the clock. */
  readonly seconds: number;
  /** Of the processor. */
  readonly cpuSeconds: number;
}

/** Runs a command without a network: as root, or as any user where user namespaces are allowed. */
export async function isolation(): Promise<readonly string[] | undefined> {
  for (const unshare of [
    ['unshare', '--net', '--'],
    ['unshare', '--net', '--map-root-user', '--'],
  ]) {
    const [command = '', ...args] = unshare;
    if (!(await execa(command, [...args, 'true'], { reject: false })).failed) {
      return unshare;
    }
  }
  return undefined;
}

/** Synthesises everything into folders below `folder`; what is there already is taken as it is. */
export async function synthesiseOffline(
  folder: string,
  unshare: readonly string[],
  onDone: (synthesis: Synthesis) => void = () => undefined,
): Promise<readonly string[]> {
  const home = await mkdtemp(join(tmpdir(), 'igrid-nobody-'));
  const folders: string[] = [];
  try {
    for (const [name, selection] of Object.entries(SELECTIONS)) {
      const target = join(folder, name);
      folders.push(target);
      if (!existsSync(join(target, '.done'))) {
        await rm(target, { recursive: true, force: true });
        await mkdir(target, { recursive: true });
        onDone({ name, folder: target, ...(await synthesise(target, selection, unshare, home)) });
        await writeFile(join(target, '.done'), '');
      }
    }
  } finally {
    await rm(home, { recursive: true });
  }
  return folders;
}

/** What synthesis says of the preset that carries less than it is made for; undefined when it takes it. */
export async function refusal(): Promise<string | undefined> {
  const cdk = join(ROOT, 'node_modules', '.bin', 'cdk');
  const { failed, stderr } = await execa(cdk, ['synth', '--quiet', '-c', `preset=${REFUSED}`], {
    cwd: ROOT,
    reject: false,
  });
  return failed ? stderr : undefined;
}

/** An environment with a path and an empty home has neither credentials nor a region. */
async function synthesise(
  target: string,
  selection: readonly string[],
  unshare: readonly string[],
  home: string,
): Promise<Pick<Synthesis, 'seconds' | 'cpuSeconds'>> {
  const cdk = [join(ROOT, 'node_modules', '.bin', 'cdk'), 'synth', '--quiet', '--output', target, ...selection];
  const startedMs = Date.now();
  // bash's own clock of its children: Node has none.
  const { stderr } = await execa('bash', ['-c', 'set -e; TIMEFORMAT="%U %S"; time "$@"', 'bash', ...unshare, ...cdk], {
    cwd: ROOT,
    extendEnv: false,
    env: { PATH: process.env.PATH, HOME: home },
    stdout: 'ignore',
  });
  const [user = Number.NaN, system = Number.NaN] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { seconds: (Date.now() - startedMs) / 1_000, cpuSeconds: user + system };
}
