/** Documents that are made of bench/results.json and of prices. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readResults } from '../../bench/harness/results.ts';
import { readCosts } from '../../lib/capacity/costs.ts';
import { costDocument } from '../cost/table.ts';
import { withMarked } from './marked.ts';
import { pictureOf } from './picture.ts';
import { SIZES_MARKS, sizesOf } from './sizes.ts';
import { RESULTS_MARKS, tablesOf } from './tables.ts';

/**
 * Documents with their generated parts brought up to date, by path below the repository's root.
 *
 * @param root the repository.
 */
export async function documents(root: string): Promise<ReadonlyMap<string, string>> {
  const results = await readResults(join(root, 'bench', 'results.json'));
  const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');
  return new Map([
    [
      'docs/project/performance.md',
      withMarked(await read('docs/project/performance.md'), RESULTS_MARKS, tablesOf(results)),
    ],
    [
      'docs/operate/sizing.md',
      withMarked(await read('docs/operate/sizing.md'), SIZES_MARKS, sizesOf(readCosts(results))),
    ],
    ['docs/project/performance.svg', pictureOf(results)],
    ['docs/operate/cost.md', costDocument()],
  ]);
}
