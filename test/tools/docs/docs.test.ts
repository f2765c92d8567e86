import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { Results } from '../../../bench/harness/results.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { documents } from '../../../tools/docs/documents.ts';
import { withMarked } from '../../../tools/docs/marked.ts';
import { pictureOf } from '../../../tools/docs/picture.ts';
import { tablesOf } from '../../../tools/docs/tables.ts';

const ROOT = repositoryPath();

const RESULTS: Results = {
  machine: { cpu: 'A CPU', cores: 2, memory_gib: 8, system: 'Linux 6.1', node: 'v20.0.0' },
  cases: [
    {
      name: 'druid',
      title: 'readings into Druid',
      unit: 'readings/s',
      date: '2026-11-23T10:00:00.000Z',
      rounds: 3,
      contender: '1 task',
      ours: 100_000,
      peers: { 'a < b': 50_000 },
      spread: { ours: [90_000, 110_000], 'a < b': [50_000, 50_000] },
      cpu_s_per_million: { ours: { client: 9.1, engine: 0.4 }, 'a < b': { client: 3 } },
      more: { ours: { bytes_per_row: 31.2 }, 'a < b': {} },
    },
  ],
};

describe('the documents of results', () => {
  test('say what the measurements say: npm run docs brings them up to date', async () => {
    for (const [file, content] of await documents(ROOT)) {
      expect([file, readFileSync(join(ROOT, file), 'utf8')]).toEqual([file, content]);
    }
  });

  test('show each contender with its rate, spread, ratio, CPU time and further figures', () => {
    const tables = tablesOf(RESULTS);
    expect(tables).toContain('| **1 task** | 100,000 | 90,000 to 110,000 |  | 9.1 + 0.4 | bytes_per_row 31.2 |');
    expect(tables).toContain('| a < b | 50,000 | 50,000 to 50,000 | 2 x | 3 |  |');
    expect(tables).toContain('(2026-11-23, median of 3 interleaved runs)');
  });

  test('draw bars in proportion to the rates', () => {
    const widths = [...pictureOf(RESULTS).matchAll(/<rect x="\d+" y="\d+" width="(\d+)"/g)].map(([, width]) =>
      Number(width),
    );
    expect(widths).toEqual([400, 200]);
    expect(pictureOf(RESULTS)).toContain('a &lt; b');
  });

  test('keep what is written around the generated part, and want its marks', () => {
    const marks = { begin: '<!-- a -->', end: '<!-- b -->' };
    expect(withMarked('x <!-- a --> old <!-- b --> y', marks, 'new')).toBe('x <!-- a -->\n\nnew\n\n<!-- b --> y');
    expect(() => withMarked('x <!-- a --> old', marks, 'new')).toThrow('lacks');
  });
});
