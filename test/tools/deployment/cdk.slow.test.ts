import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { repositoryPath } from '../../../src/files/repository.ts';
import { cdk } from '../../../tools/deployment/cdk.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'igrid-cdk-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/usr/bin/env bash\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('the CLI runs in the region that was looked at', async () => {
  await expect(
    cdk(['deploy'], { region: 'eu-south-2' }, program('region', '[[ $AWS_REGION == eu-south-2 && $1 == deploy ]]')),
  ).resolves.toBeUndefined();
});

test('a CLI that fails is one line with its status', async () => {
  await expect(cdk(['deploy'], { region: 'eu-south-2' }, program('fails', 'exit 3'))).rejects.toThrow(
    /^cdk deploy ended with status 3 \(see above\)$/,
  );
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops the CLI, waits for its end, and says how to go on',
  async (signal) => {
    // As the CLI ends: later than the signal, after it has put its things in order. No shell: bash may lose a SIGINT that
    // arrives while it starts a program.
    const slow = join(folder, `slow-${signal}.mjs`);
    writeFileSync(
      slow,
      `#!${process.execPath}
       const waiting = setTimeout(() => process.exit(2), 60_000);
       process.on('${signal}', () => setTimeout(() => {
         console.log('ended');
         clearTimeout(waiting);
         process.exitCode = 1;
       }, 300));
       console.log('ready');`,
    );
    chmodSync(slow, 0o755);
    const main = join(folder, `main-${signal}.mts`);
    writeFileSync(
      main,
      `import { cdk } from ${JSON.stringify(repositoryPath('tools/deployment/cdk.ts'))};
       await cdk(['deploy'], { region: 'eu-south-2' }, ${JSON.stringify(slow)}).catch((error: unknown) => {
         console.log(String(error));
         process.exitCode = 1;
       });`,
    );
    const child = spawn(process.execPath, ['--import', 'tsx', main], {
      cwd: repositoryPath(),
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (/^ready$/m.test(output) && child.exitCode === null && !child.killed) {
        child.kill(signal);
      }
    });
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(1);
    expect(output).toMatch(
      new RegExp(
        `^ready\nended\nStoppedError: stopped by ${signal}; CloudFormation finishes what it has begun: .*"npm run deploy".*"npm run destroy"`,
      ),
    );
  },
  120_000,
);
