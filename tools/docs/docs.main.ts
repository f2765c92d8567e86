/**
 * `npm run docs`: writes everything under docs/ that is generated. The reference comes from code; tables, the picture and
 * sizes from bench/results.json, the cost from the table of prices.
 */
import { writeFile } from 'node:fs/promises';

import { repositoryPath } from '../../src/files/repository.ts';
import { documents } from './documents.ts';
import { operationsResources } from './operations-template.ts';
import { referencePages } from './reference/pages.ts';

for (const [file, content] of [...(await documents(repositoryPath())), ...referencePages(operationsResources())]) {
  await writeFile(repositoryPath(file), content);
  console.log(`wrote ${file}`);
}
