import { expect, test } from '@jest/globals';

import { contextArguments, deployArguments } from '../../../tools/deployment/selection.ts';

test('a deployment looks at every stack: a weak reference to a stack that was created again goes stale otherwise', () => {
  const settings = { selection: { preset: 'dev' }, yes: false, more: ['--verbose'] };
  expect(deployArguments(settings)).toEqual(['deploy', '--all', '--force', '-c', 'preset=dev', '--verbose']);
  expect(deployArguments({ ...settings, yes: true })).toContain('never');
});

test('the CDK CLI gets the same deployment, wherever it runs', () => {
  expect(contextArguments({ preset: 'dev' })).toEqual(['-c', 'preset=dev']);
  expect(contextArguments({ preset: 'dev', config: 'a.json' })).toEqual([
    ...['-c', 'preset=dev', '-c', `config=${process.cwd()}/a.json`],
  ]);
});
