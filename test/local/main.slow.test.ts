import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { repositoryPath } from '../../src/files/repository.ts';

const ROOT = repositoryPath();
const EMPTY = mkdtempSync(join(tmpdir(), 'igrid-empty-'));
afterAll(() => rmSync(EMPTY, { recursive: true }));
jest.setTimeout(60_000);

/** What a user gets to see who types this. */
function start(...args: string[]): { status: number | null; lines: string[] } {
  const { status, stderr } = spawnSync(process.execPath, ['bin/launch.mjs', 'local/main.ts', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, lines: stderr.trimEnd().split('\n') };
}

describe('npm start', () => {
  test.each([
    ['a speed of 0', ['--speed', '0'], /--speed.*1 to 120/],
    ['an unknown option', ['--colour'], /unknown option '--colour'/],
    ['playbacks that end before they begin', ['--from', '5', '--to', '5'], /--to 5 must be more than --from 5/],
    ['a part that it does not have', ['--without', 'druid'], /airflow, superset/],
    ['one port for two engines', ['--ports', 'kafka=8888'], /druidRouter and kafka|kafka and druidRouter/],
    ['a backfill longer than history looks back', ['--backfill', '6d'], /At most 5d/],
  ])('refuses %s in one line, with status 2', (_, args, line) => {
    const { status, lines } = start(...args);
    expect(status).toBe(2);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });

  test('names a directory without data in one line, with status 1', () => {
    const { status, lines } = start('--redd', EMPTY);
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(EMPTY);
  });

  test('names a state folder that cannot be made in one line, with status 1', () => {
    const file = join(EMPTY, 'file');
    writeFileSync(file, '');
    const { status, lines } = start('--state', join(file, 'state'));
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('--state');
  });

  test.each([['--fresh'], []])('leaves a folder alone that holds files of the user, with %s', (...more) => {
    const folder = join(EMPTY, `thesis${more.length}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.tex'), 'years of work');
    const { status, lines } = start('--state', folder, ...more);
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(folder);
    expect(lines[0]).toContain('--state');
    expect(readdirSync(folder)).toEqual(['thesis.tex']);
  });

  test('names a report that cannot be written before anything is started, with status 1', () => {
    const { status, lines } = start('--report', EMPTY);
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/EISDIR.*--report/);
  });
});
