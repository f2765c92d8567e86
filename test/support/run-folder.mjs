// jest's global setup: a folder for what test files of one run share, removed with the run. A run of all unit tests
// starts to synthesise the deployments at once, beside the test files that do not read them (sequencer.mjs).
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setUp(globalConfig, projectConfig) {
  const folder = mkdtempSync(join(tmpdir(), 'igrid-unit-'));
  process.env.IGRID_TEST_RUN = folder;
  const synthesis = isRunOfAll(globalConfig, projectConfig) ? synthesise(join(folder, 'deployments')) : undefined;
  process.once('exit', () => {
    synthesis?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
}

function isRunOfAll(globalConfig, { displayName }) {
  const { testPathPatterns, testNamePattern, onlyChanged, findRelatedTests } = globalConfig;
  const isPart = testPathPatterns.patterns.length > 0 || testNamePattern || onlyChanged || findRelatedTests;
  return !isPart && displayName?.name === 'unit';
}

/** As synth.ts does when the first test asks. The program says in the folder how it ended. */
function synthesise(deployments) {
  mkdirSync(deployments);
  const program = join(import.meta.dirname, 'synthesise.main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, deployments], {
    cwd: join(import.meta.dirname, '..', '..'),
    stdio: 'ignore',
    env: { ...process.env, NODE_OPTIONS: '', CDK_VALIDATION: 'false', CDK_DISABLE_STACK_TRACE: '1' },
  });
  child.once('exit', (status) => {
    const failed = join(deployments, '.failed');
    // It fails without a word when a module cannot be loaded.
    if (status !== 0 && existsSync(deployments) && !existsSync(failed)) {
      writeFileSync(failed, `${program} ended with status ${status}: run it with a folder to see why`);
    }
  });
  child.unref();
  return child;
}
