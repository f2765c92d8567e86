import { expect, test } from '@jest/globals';
import { z } from 'zod';

import { stepSettings } from '../../../src/spark/step-settings.ts';
import { preset } from '../../support/synth.ts';

const filled = z.union([
  z.string().transform((text) => [text]),
  z.object({ 'Fn::Sub': z.string() }).transform((value) => [value['Fn::Sub']]),
  z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }).transform((value) => value['Fn::Join'][1]),
]);

/** A text of a template, with a word in place of each value that AWS fills in. */
function filledIn(value: unknown): string {
  return filled
    .parse(value)
    .map((piece) => (typeof piece === 'string' ? piece : 'filled-in'))
    .join('');
}

test('the streaming step has one argument of its own, as its program expects it', () => {
  const [step] = preset('seed').resources('Custom::StreamingStep');
  const [shell, runArchive, url, sha256, script, argument, ...more] = z
    .array(z.unknown())
    .parse(step?.Properties.StepArguments)
    .map(filledIn);
  expect([shell, runArchive, script, more]).toEqual(['bash', '/opt/igrid/run-archive', 'step.sh', []]);
  expect(url).toMatch(/^s3:\/\//);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  const settings = stepSettings.parse(JSON.parse(argument ?? ''));
  expect(settings).toMatchObject({
    application: 'spark',
    kafka_auth: 'iam',
    checkpoint: 's3://filled-in/checkpoint/2',
    window_ms: 25_000,
    shuffle_partitions: 6,
  });
  // YARN replaces text between double braces.
  expect(argument).not.toMatch(/\{\{|\}\}/);
});
