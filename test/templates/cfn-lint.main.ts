/**
 * A check of `npm test`: cfn-lint has neither an error nor a warning about any template (.cfnlintrc.yaml), and would have
 * one: the property that its schema is given (cfn-lint-schema.json) hides no misspelt one beside it or within it.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import { isolation, synthesiseOffline } from './offline.ts';

/** Names of properties of the EMR cluster that must be right, each with a wrong one. */
const MISSPELT = { LogUri: 'LogURI', CloudWatchLogConfiguration: 'CloudwatchLogConfiguration', LogTypes: 'LogType' };

const [folder, cfnLint] = process.argv.slice(2);
if (folder === undefined || cfnLint === undefined) {
  throw new Error('usage: cfn-lint.main.ts FOLDER CFN_LINT');
}

const lint = (templates: readonly string[], output: 'inherit' | 'pipe') =>
  execa(cfnLint, ['--non-zero-exit-code', 'warning', '--', ...templates], {
    cwd: join(import.meta.dirname, '..', '..'),
    reject: false,
    stdio: ['ignore', output, output],
  });

const folders = await synthesiseOffline(folder, (await isolation()) ?? []);
const { failed } = await lint(
  folders.map((one) => join(one, '*.template.json')),
  'inherit',
);

const template = await readFile(join(folders[0] ?? '', 'spark.template.json'), 'utf8');
const misspelt = await mkdtemp(join(tmpdir(), 'igrid-cfn-lint-'));
let missed = 0;
for (const [right, wrong] of Object.entries(MISSPELT)) {
  const file = join(misspelt, `${wrong}.template.json`);
  await writeFile(file, template.replace(`"${right}":`, `"${wrong}":`));
  const { stdout } = await lint([file], 'pipe');
  if (!String(stdout).includes(`'${wrong}' was unexpected`)) {
    console.log(`cfn-lint does not see that ${right} of the EMR cluster is misspelt as ${wrong}`);
    missed += 1;
  }
}
await rm(misspelt, { recursive: true });
process.exitCode = failed || missed > 0 ? 1 : 0;
