import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { repositoryPath } from '../../src/files/repository.ts';

const ROOT = repositoryPath();
const AWAY = mkdtempSync(join(tmpdir(), 'igrid-away-'));
afterAll(() => rmSync(AWAY, { recursive: true }));
jest.setTimeout(120_000);

/** A shell, since it is pipes and npm that are in question; npm's own variables of this run are not. */
function shell(script: string, cwd = ROOT): { status: number | null; stdout: string; stderr: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$/.test(name)));
  return spawnSync('bash', ['-o', 'pipefail', '-c', script], { cwd, env, encoding: 'utf8' });
}

describe('a command of the project', () => {
  test('reads paths from where the user stands, not from where npm runs it', () => {
    const { status, stdout } = shell('npm run --silent inspect -- redd', join(ROOT, 'sample-data'));
    expect(status).toBe(0);
    expect(stdout).toContain('house');
  });

  test('notices an option that npm has kept', () => {
    const { status, stderr } = shell('npm start --silent --fresh');
    expect(status).toBe(2);
    expect(stderr).toContain('write npm start -- --fresh');
  });

  test('is not misled by the variables of the npm script that it was started from', () => {
    const script = `npm_lifecycle_script='node bin/launch.mjs test/main.ts' INIT_CWD=/ npm_config_json=true npm_config_max_power=true \
      node bin/launch.mjs tools/inspect/inspect.main.ts sample-data/redd`;
    expect(shell(script)).toMatchObject({ status: 0, stderr: '' });
  });

  test.each([
    ['inspect', 'tools/inspect/inspect.main.ts sample-data/redd'],
    ['size', 'tools/size/size.main.ts --appliances 1000 --hz 1'],
    ['cost', 'tools/cost/cost.main.ts'],
  ])('ends quietly when the reader of %s has gone', (_, command) => {
    const { status, stdout, stderr } = shell(`node bin/launch.mjs ${command} | head -n 1`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe('');
  });

  test.each([
    ['inspect', 'tools/inspect/inspect.main.ts sample-data/redd'],
    ['size', 'tools/size/size.main.ts --appliances 1000 --hz 1'],
    ['cost', 'tools/cost/cost.main.ts'],
  ])('says in one line that the disk is full that %s prints to', (_, command) => {
    const { status, stderr } = shell(`node bin/launch.mjs ${command} > /dev/full`);
    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/standard output can't be written to: .*ENOSPC/);
  });
});

test('the launcher is what npm runs', () => {
  const scripts = execFileSync('node', ['-p', 'JSON.stringify(require("./package.json").scripts)'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(scripts).toContain('node bin/launch.mjs local/main.ts');
});
