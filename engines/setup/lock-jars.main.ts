/**
 * Writes `jars.lock` again after a pom.xml has changed:  node bin/launch.mjs engines/setup/lock-jars.main.ts DIRECTORY
 *
 * To be run by a maintainer, who looks at the difference before committing it: it trusts what Maven brings.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { copyDependencies, lockOf } from './jars.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error('usage: lock-jars DIRECTORY (with a pom.xml)');
  process.exit(2);
}
const jars = await mkdtemp(join(tmpdir(), 'igrid-jars-'));
try {
  await copyDependencies(join(directory, 'pom.xml'), jars);
  await writeFile(join(directory, 'jars.lock'), await lockOf(jars));
} finally {
  await rm(jars, { recursive: true });
}
