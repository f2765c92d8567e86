import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { gridConfigSchema } from '../../lib/config/grid-config.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { OTHERS } from '../support/deployments.ts';
import { templatesOf } from '../support/synth.ts';

/** The JSON objects that stand as code in a document: four spaces, or a fence. */
function blocks(text: string): unknown[] {
  const indented = [...text.matchAll(/^ {4}\{\n(?: {4}.*\n)+? {4}\}$/gm)].map(([block]) => block);
  const fenced = [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return [...indented, ...fenced].map((block): unknown => JSON.parse(block));
}

const documented = readdirSync(repositoryPath('docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .flatMap((file) => blocks(readFileSync(repositoryPath('docs', file), 'utf8')).map((block) => ({ file, block })))
  // Documents show reports and messages as well.
  .filter(({ block }) => gridConfigSchema.safeParse(block).success);

describe('a configuration in the documents', () => {
  test('is one of those that the tests synthesise', () => {
    expect(documented.length).toBeGreaterThanOrEqual(2);
    for (const { block } of documented) {
      expect(Object.values<unknown>(OTHERS)).toContainEqual(block);
    }
  });
});

describe('with real meters', () => {
  test('every stack has resources, which CloudFormation asks for', () => {
    for (const [part, { Resources }] of templatesOf('real-meters').byPart) {
      expect([part, Object.keys(Resources).length > 0]).toEqual([part, true]);
    }
  });

  test('no machine replays, and a policy says what a gateway may do', () => {
    const templates = templatesOf('real-meters');
    const replay = templates.part('replay');
    expect(Object.values(replay.Resources).map(({ Type }) => Type)).not.toContain('AWS::AutoScaling::AutoScalingGroup');
    const policies = Object.values(replay.Resources).filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy');
    expect(policies).toHaveLength(1);
    expect(JSON.stringify(policies)).toContain('kafka-cluster:WriteData');
    expect(replay.Outputs).toHaveProperty('Gateway');
  });
});
