import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { describe, expect, jest, test } from '@jest/globals';

import { appliance, thresholds } from '../../../src/core/appliances/registry.ts';
import { FiguresOfChannels } from '../../../src/datasets/data-set/channel-figures.ts';
import { loopOf } from '../../../src/datasets/data-set/loop.ts';
import { openDataSet } from '../../../src/datasets/open.ts';
import { newRowCounts } from '../../../src/datasets/rows/rows.ts';

jest.setTimeout(60_000);

const root = fileURLToPath(new URL('../../../sample-data', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
const textOf = (file: string): string => gunzipSync(readFileSync(join(root, file))).toString('latin1');
const cellsOf = (file: string, separator: string): string[][] =>
  textOf(file)
    .trimEnd()
    .split('\n')
    .map((line) => line.split(separator));

/** Rows, readings, cells without value and the sum of all W, counted from the text. */
function countPlainly(dataSet: 'redd' | 'greend'): readonly number[] {
  const total = [0, 0, 0, 0];
  for (const file of files.filter((name) => name.startsWith(dataSet) && name.endsWith('.gz'))) {
    const rows = cellsOf(file, dataSet === 'redd' ? ' ' : ',').filter(([first]) => first !== 'timestamp');
    const cells = rows.flatMap(([, ...values]) => values);
    const values = cells.filter((cell) => cell !== 'NULL').map(Number);
    const sum = values.reduce((watts, value) => watts + value, 0);
    [rows.length, values.length, cells.length - values.length, sum].forEach((count, index) => {
      total[index] = (total[index] ?? 0) + count;
    });
  }
  return total;
}

describe('the sample data', () => {
  test('fit into 4 MB and come with their attribution and licences', () => {
    const bytes = files.reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
    expect(bytes).toBeLessThan(4_000_000);
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    for (const word of ['tracebase', 'Open Database', 'DbCL', 'Reinhardt']) {
      expect(readme).toContain(word);
    }
  });

  test.each(['redd', 'greend'] as const)('in the layout of %s are read to the last row', async (name) => {
    const dataSet = await openDataSet(join(root, name), { warn: (message) => expect(message).toBe('no warning') });
    const counts = newRowCounts();
    let sum = 0;
    for (const house of dataSet.houses) {
      for await (const batch of house.readings({ counts })) {
        for (let index = 0; index < batch.length; index += 1) {
          sum += batch.power[index] ?? NaN;
        }
      }
    }
    const [rows = NaN, readings = NaN, missing = NaN, watts = NaN] = countPlainly(name);
    expect(counts).toEqual({ rows, readings, missing, rejected: new Map() });
    expect(sum / watts).toBeCloseTo(1, 6);
    expect(readings).toBeGreaterThan(600_000);
  });

  test.each(['redd', 'greend'] as const)('in the layout of %s are a loop of one whole local day', async (name) => {
    const dataSet = await openDataSet(join(root, name));
    for (const house of dataSet.houses) {
      const { startMs, days } = await loopOf(house, dataSet.timeZone);
      expect(days).toBe(1);
      const { firstMs = NaN, lastMs = NaN } = (await house.extent()) ?? {};
      expect(firstMs - startMs).toBeLessThan(5_000);
      expect(startMs + 24 * 3_600_000 - lastMs).toBeLessThan(5_000);
      expect(lastMs).toBeLessThan(startMs + 24 * 3_600_000);
    }
  });

  test('have an on-threshold for each appliance that says the same at every playback factor', async () => {
    const { names, default_w } = thresholds();
    for (const name of ['redd', 'greend']) {
      for (const house of (await openDataSet(join(root, name))).houses) {
        const known = house.channels.map(({ label }) => appliance(label));
        const onAt = known.map((entry) => names[entry.name] ?? default_w);
        // Power times 0.8 against the threshold is power against the threshold / 0.8.
        const figures = [0.8, 1, 1.2].map((factor) => new FiguresOfChannels(onAt.map((watts) => watts / factor)));
        for await (const batch of house.readings()) {
          for (const one of figures) {
            one.add(batch);
          }
        }
        for (const [channel, { name: appliance_, role }] of known.entries()) {
          if (role !== 'appliance') {
            continue;
          }
          const duties = figures.map((one) => one.of(channel).duty_cycle ?? NaN);
          const range = Math.max(...duties) - Math.min(...duties);
          expect(`${appliance_}: ${range < 0.005 ? 'steady' : duties.join(' ')}`).toBe(`${appliance_}: steady`);
        }
      }
    }
  });
});
