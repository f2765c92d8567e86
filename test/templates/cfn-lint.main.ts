/** A check of `npm test`: cfn-lint has neither an error nor a warning about any template (.cfnlintrc.yaml). */
import { join } from 'node:path';

import { execa } from 'execa';

import { isolation, synthesiseOffline } from './offline.ts';

const [folder, cfnLint] = process.argv.slice(2);
if (folder === undefined || cfnLint === undefined) {
  throw new Error('usage: cfn-lint.main.ts FOLDER CFN_LINT');
}
const folders = await synthesiseOffline(folder, (await isolation()) ?? []);
const templates = folders.map((one) => join(one, '*.template.json'));
const { failed } = await execa(cfnLint, ['--non-zero-exit-code', 'warning', '--', ...templates], {
  cwd: join(import.meta.dirname, '..', '..'),
  reject: false,
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exitCode = failed ? 1 : 0;
