import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import getPort from 'get-port';

import { DEFAULT_PORTS } from '../../../engines/supervision/addresses.ts';
import { reportSchema } from '../../../local/report/report.ts';
import { repositoryPath } from '../../../src/files/repository.ts';

const ROOT = repositoryPath();

jest.setTimeout(900_000);

describe('a short storm', () => {
  let state = '';
  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), 'igrid-storm-'));
  });
  afterAll(() => rm(state, { recursive: true, force: true }));

  test('loses nothing, doubles nothing, and every process recovers', async () => {
    const free = await Promise.all(Object.keys(DEFAULT_PORTS).map(async (name) => `${name}=${await getPort()}`));
    const file = join(state, 'report.json');
    const { exitCode, all } = await execa(
      process.execPath,
      [
        ...['bin/launch.mjs', 'local/storm/storm.main.ts', '--for', '60s', '--every', '5s', '--seed', '2'],
        ...['--state', join(state, 'grid'), '--ports', free.join(','), '--without', 'airflow,superset'],
        ...['--to', '2', '--backfill', '10m', '--report', file],
      ],
      { cwd: ROOT, reject: false, all: true },
    );
    const text = await readFile(file, 'utf8').catch(() => {
      throw new Error(`the storm left no report:\n${all}`);
    });
    const report = reportSchema.parse(JSON.parse(text));
    expect({ disagreements: report.disagreements, exitCode, all: exitCode === 0 ? '' : all }).toEqual({
      ...{ disagreements: [], exitCode: 0, all: '' },
    });
    expect(report.readings.acked).toBeGreaterThan(5_000);
    expect(all).toContain('storm: seed 2');
    expect(all).toMatch(/Storm of seed 2: \d{2} faults/);
    expect(all).not.toContain('never');
    const { stdout } = await execa('ps', ['-Ao', 'args=']);
    expect(stdout.split('\n').filter((line) => line.includes(state))).toEqual([]);
  });
});
