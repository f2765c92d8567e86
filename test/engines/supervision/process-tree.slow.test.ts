import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { z } from 'zod';

import { repositoryPath } from '../../../src/files/repository.ts';

const ROOT = repositoryPath();

/** A bench with an engine, and with a contender that gives its child a session of its own, as Spark's job does. */
const BENCH = `
  import { spawn } from 'node:child_process';
  import { once } from 'node:events';
  import { killContenders, processTree } from './engines/supervision/process-tree.ts';

  const engine = spawn('sleep', ['600'], { detached: true });
  const contender = spawn('sh', ['-c', 'setsid sh -c "echo; exec sleep 600" & wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(contender.stdout, 'data');
  const below = await processTree(contender.pid);
  const gone = once(contender.stdout, 'close');
  await killContenders();
  await gone;
  console.log(JSON.stringify({ contender: below.length, engine: (await processTree(engine.pid)).length }));
  engine.kill();
`;

test('a stopped bench ends its contenders, those with a session of their own as well, and leaves its engines alone', async () => {
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', '--input-type', 'module', '--eval', BENCH], {
    cwd: ROOT,
    // One that hangs must not outlive the test.
    timeout: 20_000,
  });
  const seen = z.object({ contender: z.int(), engine: z.int() }).parse(JSON.parse(stdout));
  expect(seen).toEqual({ contender: 2, engine: 1 });
});
