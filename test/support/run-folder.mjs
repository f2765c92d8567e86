// jest's global setup and teardown: a folder for what test files of one run share, removed with the run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'igrid-unit-'));
  process.env.IGRID_TEST_RUN = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
