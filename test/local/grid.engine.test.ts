import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import getPort from 'get-port';

import { DEFAULT_PORTS } from '../../engines/supervision/addresses.ts';
import { type Report, reportSchema } from '../../local/report/report.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { readTopic } from '../src/replay/topic.ts';
import { startKafka } from '../support/kafka.ts';

const ROOT = repositoryPath();

jest.setTimeout(900_000);

describe('the grid on one machine', () => {
  let state = '';
  let ports = '';
  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), 'igrid-grid-'));
    const free = await Promise.all(Object.keys(DEFAULT_PORTS).map(async (name) => `${name}=${await getPort()}`));
    ports = free.join(',');
  });
  afterAll(() => rm(state, { recursive: true, force: true }));

  /** A run as a user would type it, without the optional services. */
  async function run(name: string, ...args: string[]): Promise<{ report: Report; status: number | undefined }> {
    const file = join(state, `${name}.json`);
    const started = await execa(
      process.execPath,
      [
        ...['bin/launch.mjs', 'local/main.ts', '--state', join(state, 'grid'), '--ports', ports],
        ...['--without', 'airflow,superset', '--report', file, ...args],
      ],
      { cwd: ROOT, reject: false, all: true },
    );
    const text = await readFile(file, 'utf8').catch(() => {
      throw new Error(`the run left no report:\n${started.all}`);
    });
    return { report: reportSchema.parse(JSON.parse(text)), status: started.exitCode };
  }

  /** Processes that have the run's folder in their command. */
  async function leftovers(): Promise<string[]> {
    const { stdout } = await execa('ps', ['-Ao', 'args=']);
    return stdout.split('\n').filter((line) => line.includes(state));
  }

  test('reconciles every count, run after run on the same state, and leaves no process behind', async () => {
    const first = await run('first', '--to', '2', '--backfill', '1h', '--for', '45s');
    expect(first.report.disagreements).toEqual([]);
    expect(first.status).toBe(0);
    expect(first.report.readings.acked).toBeGreaterThan(40_000);
    expect(first.report.topics.powerraw).toBe(first.report.readings.acked);
    expect(first.report.druid.powerraw).toBe(first.report.readings.acked);
    expect(first.report.windows_expected).toBeGreaterThan(100);
    expect(first.report.druid.dutycycle).toBe(first.report.windows_expected);
    expect(first.report.freshness_ms.powerraw?.p50).toBeGreaterThan(0);
    expect(await leftovers()).toEqual([]);

    // The second run fills what the first one has not, and nothing else.
    const second = await run('second', '--to', '2', '--backfill', '3h', '--for', '10s');
    expect(second.report.disagreements).toEqual([]);
    expect(second.status).toBe(0);
    expect(await leftovers()).toEqual([]);

    // Both runs' readings, read once more from what they have left on disk.
    const kafka = await startKafka(join(state, 'grid', 'kafka'));
    try {
      const readings = await readTopic(kafka.brokers, 'powerraw');
      expect(readings).toHaveLength(first.report.readings.acked + second.report.readings.acked);
      const instants = new Set(readings.map(({ appliance_id, timestamp }) => `${appliance_id} ${timestamp}`));
      expect(instants.size).toBe(readings.length);
    } finally {
      await kafka.stop();
    }
  });
});
