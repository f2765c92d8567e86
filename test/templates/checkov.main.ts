/**
 * A check of `npm test`: checkov finds nothing in the templates that checkov-baseline.ts does not answer, and the
 * baseline answers nothing that is no longer found.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { execa } from 'execa';
import { z } from 'zod';

import { BASELINE } from './checkov-baseline.ts';
import { isolation, synthesiseOffline } from './offline.ts';

const reportSchema = z.object({
  results: z.object({
    failed_checks: z.array(
      z.object({ check_id: z.string(), check_name: z.string(), resource: z.string(), file_path: z.string() }),
    ),
  }),
  summary: z.object({ passed: z.int(), parsing_errors: z.int() }),
});

const [folder, checkov] = process.argv.slice(2);
if (folder === undefined || checkov === undefined) {
  throw new Error('usage: checkov.main.ts FOLDER CHECKOV');
}
const folders = await synthesiseOffline(folder, (await isolation()) ?? []);
// Templates alone: it would read every asset beside them.
const alone = await mkdtemp(join(tmpdir(), 'igrid-checkov-'));
for (const one of folders) {
  await cp(one, join(alone, basename(one)), {
    recursive: true,
    filter: (path) => path === one || path.endsWith('.template.json'),
  });
}
const { stdout } = await execa(checkov, [
  ...['--directory', alone, '--framework', 'cloudformation', '--output', 'json', '--compact', '--quiet'],
  // Nothing from or to its makers.
  ...['--soft-fail', '--skip-download'],
]);
await rm(alone, { recursive: true });
const { results, summary } = reportSchema.parse(JSON.parse(stdout));

/** `AWS::S3::Bucket.bucket43879C71` -> `AWS::S3::Bucket`. */
const typeOf = (resource: string): string => resource.split('.')[0] ?? resource;

const problems: string[] =
  summary.parsing_errors > 0 ? [`checkov can't read ${summary.parsing_errors} of the templates`] : [];
const used = new Set<string>();
for (const { check_id, check_name, resource, file_path } of results.failed_checks) {
  const answer = BASELINE.find(({ check, types }) => check === check_id && types.includes(typeOf(resource)));
  if (answer) {
    used.add(`${check_id} ${typeOf(resource)}`);
  } else {
    problems.push(`${check_id} ${resource} in ${file_path}: ${check_name}`);
  }
}
for (const { check, types } of BASELINE) {
  for (const type of types.filter((one) => !used.has(`${check} ${one}`))) {
    problems.push(`the baseline answers ${check} of ${type}, which is not found any more: take it out`);
  }
}
if (summary.passed === 0) {
  problems.push('checkov has checked nothing');
}
problems.forEach((problem) => console.log(problem));
console.log(`checkov: ${summary.passed} passed, ${used.size} kinds of findings answered, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
