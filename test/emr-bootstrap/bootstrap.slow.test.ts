/** EMR's bootstrap action, run for real in a folder of its own, with an S3 that is a folder, too. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execaSync } from 'execa';

import { repositoryPath } from '../../src/files/repository.ts';
import { type FakeCommands, fakeCommands } from '../support/fake-commands.ts';

/** `aws s3 cp` that fails as often as the file `failures` says. */
const AWS = `
left=$(cat "$FOLDER/failures" 2>/dev/null || echo 0)
if ((left > 0)); then
  echo $((left - 1)) >"$FOLDER/failures"
  echo 'fatal error: Unable to locate credentials' >&2
  exit 1
fi
arguments=("$@")
cp "$FOLDER/s3/\${arguments[-2]#s3://}" "\${arguments[-1]}"
`;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the bootstrap action', () => {
  let node: FakeCommands;
  beforeEach(() => {
    node = fakeCommands({ aws: AWS, sudo: 'exec "$@"', sleep: 'echo "$1" >>"$FOLDER/pauses"' });
    mkdirSync(join(node.folder, 's3/bucket'), { recursive: true });
    for (const name of ['a', 'b']) {
      writeFileSync(join(node.folder, `s3/bucket/${name}`), name);
    }
  });
  afterEach(() => node.remove());

  const run = (...args: string[]) =>
    execaSync('bash', [repositoryPath('emr-bootstrap/bootstrap.sh'), ...args], {
      env: { ...node.environment, IGRID_ROOT: join(node.folder, 'igrid') },
      reject: false,
    });
  const TWO = ['a.jar', 's3://bucket/a', sha256('a'), 'b.jar', 's3://bucket/b', sha256('b')];
  const failures = (times: number) => writeFileSync(join(node.folder, 'failures'), String(times));
  const pauses = () => readFileSync(join(node.folder, 'pauses'), 'utf8').trim().split('\n').map(Number);

  test('puts every file where the step looks for it', () => {
    expect(run(...TWO)).toMatchObject({ exitCode: 0 });
    const folder = join(node.folder, 'igrid/jars');
    expect(readdirSync(folder).sort()).toEqual(['a.jar', 'b.jar']);
    expect(readFileSync(join(folder, 'b.jar'), 'utf8')).toBe('b');
    expect(existsSync(join(node.folder, 'igrid/run-archive'))).toBe(true);
  });

  test('tries again with pauses that grow, up to a minute', () => {
    failures(8);
    expect(run(...TWO)).toMatchObject({ exitCode: 0 });
    expect(pauses()).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('gives up after a quarter of an hour, saying on what', () => {
    failures(1_000);
    const { exitCode, stderr } = run(...TWO);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/bootstrap: gave up after 15 minutes: aws s3 cp .*s3:\/\/bucket\/a/);
    const total = pauses().reduce((sum, pause) => sum + pause, 0);
    expect(total).toBeGreaterThanOrEqual(900);
    expect(total).toBeLessThan(1_000);
  });

  test('keeps no file of another hash, and does not ask for it again', () => {
    const { exitCode, stderr } = run('a.jar', 's3://bucket/a', sha256('b'));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`s3://bucket/a has the SHA-256 ${sha256('a')}, not ${sha256('b')}`);
    expect(existsSync(join(node.folder, 'igrid/jars/a.jar'))).toBe(false);
    expect(existsSync(join(node.folder, 'pauses'))).toBe(false);
  });

  test.each([[[]], [['a.jar', 's3://bucket/a']]])('refuses the arguments %j', (args) => {
    expect(run(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('a name, an') });
  });
});
