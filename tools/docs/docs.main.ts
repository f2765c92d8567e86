/** `npm run bench:docs`: writes bench/results.json as tables, as a picture and as sizes into docs/. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { documents } from './documents.ts';

const ROOT = join(import.meta.dirname, '..', '..');
for (const [file, content] of await documents(ROOT)) {
  await writeFile(join(ROOT, file), content);
  console.log(`wrote ${file}`);
}
