import { expect, test } from '@jest/globals';
import { execa } from 'execa';

import { repositoryPath } from '../../../src/files/repository.ts';

const MODULE = repositoryPath('src/kafka/overdue-timers.ts');

async function warnings(before: string): Promise<string> {
  const script = `${before} setTimeout(() => {}, -5); process.emitWarning('another one');`;
  const { stderr } = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
  return stderr;
}

test('a timer that is overdue is not reported, everything else is', async () => {
  expect(await warnings('')).toContain('TimeoutNegativeWarning');
  const stderr = await warnings(
    `const { ignoreOverdueTimers } = await import(${JSON.stringify(MODULE)}); ignoreOverdueTimers(); ignoreOverdueTimers();`,
  );
  expect(stderr).not.toContain('TimeoutNegativeWarning');
  expect(stderr).toContain('another one');
});
