/** What the runbook's commands look up in a deployment must be there. */
import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { type Part, PARTS } from '../../../lib/stack/grid-stack.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { preset } from '../../support/synth.ts';

const RUNBOOK = readFileSync(repositoryPath('docs', 'operate', 'alarms.md'), 'utf8');

const SEED = preset('seed');

const uses = (name: string): [Part, string][] =>
  [...RUNBOOK.matchAll(new RegExp(`\\b${name} (${PARTS.join('|')}) ([A-Za-z]+)\\b`, 'g'))].map(
    ([, part = '', what = '']) => [part as Part, what],
  );

test('outputs of stacks that the runbook reads exist', () => {
  const outputs = uses('output');
  expect(outputs.length).toBeGreaterThan(3);
  for (const [part, output] of outputs) {
    expect({ part, outputs: Object.keys(SEED.part(part).Outputs) }).toEqual({
      part,
      outputs: expect.arrayContaining([output]),
    });
  }
});

test('log groups that the runbook reads exist, each once', () => {
  const groups = uses('log_group');
  expect(groups.length).toBeGreaterThan(3);
  for (const [part, prefix] of groups) {
    const found = SEED.resources('AWS::Logs::LogGroup').filter(
      ({ stack, logicalId }) => stack === part && logicalId.startsWith(prefix),
    );
    expect({ prefix, found: found.length }).toEqual({ prefix, found: 1 });
  }
});
