import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import {
  type CaseResult,
  type Machine,
  readResults,
  type Results,
  withCases,
  writeResults,
} from '../../../bench/harness/results.ts';

const MACHINE: Machine = { cpu: 'A CPU', cores: 2, memory_gib: 8, system: 'Linux 6.1', node: 'v20.0.0' };

function result(name: string, ours: number): CaseResult {
  return {
    name,
    title: name,
    unit: 'readings/s',
    date: '2026-11-23T10:00:00.000Z',
    rounds: 3,
    contender: 'ours',
    ours,
    peers: {},
    spread: {},
    cpu_s_per_million: {},
    more: {},
  };
}

describe('the file of results', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igrid-results-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('gives back what was written', async () => {
    const results: Results = { machine: MACHINE, cases: [result('replay', 5)] };
    await writeResults(join(folder, 'results.json'), results);
    expect(await readResults(join(folder, 'results.json'))).toEqual(results);
  });

  test('puts a case that was measured again in the place of the old one and leaves the others', () => {
    const known = { machine: MACHINE, cases: [result('replay', 5), result('druid', 7)] };
    const merged = withCases(known, { machine: MACHINE, cases: [result('replay', 6)] });
    expect(merged.cases.map(({ name, ours }) => [name, ours])).toEqual([
      ['replay', 6],
      ['druid', 7],
    ]);
  });

  test('refuses to mix the figures of two machines', () => {
    const known = { machine: { ...MACHINE, cores: 16 }, cases: [] };
    expect(() => withCases(known, { machine: MACHINE, cases: [] })).toThrow(/another machine \(16 cores, A CPU\)/);
  });

  test('names a file that holds something else', async () => {
    const file = join(folder, 'other.json');
    await writeFile(file, '{"machine": {}}');
    await expect(readResults(file)).rejects.toThrow(`${file} holds no results`);
    await expect(readResults(join(folder, 'none.json'))).rejects.toThrow("can't read");
  });
});
