import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

import { repositoryPath } from '../../lib/assets/repository.ts';
import { RUNBOOK_SECTIONS } from '../../lib/operations/runbook.ts';
import { preset, prodTemplates } from '../support/synth.ts';

const alarmSchema = z.object({
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()).min(1),
  OKActions: z.array(z.unknown()).min(1),
});

/** The anchors of a Markdown file's sections, as GitHub makes them. */
const anchors = (path: string): string[] =>
  readFileSync(repositoryPath(path), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('## '))
    .map((line) =>
      line
        .slice(3)
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );

describe('an alarm', () => {
  const alarms = preset('seed')
    .resources('AWS::CloudWatch::Alarm')
    .map(({ Properties }) => alarmSchema.parse(Properties));

  test('tells somebody, and names a section of the runbook that exists', () => {
    expect(alarms.length).toBeGreaterThan(10);
    const known = anchors('docs/runbook.md');
    for (const { AlarmDescription } of alarms) {
      const section = /docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription)?.[1];
      expect(known).toContain(section);
    }
  });

  test('is there for every section that alarms may name', () => {
    const named = alarms.map(({ AlarmDescription }) => AlarmDescription.split('#')[1]);
    expect(RUNBOOK_SECTIONS.filter((section) => !named.includes(section))).toEqual([]);
  });

  test('goes to an address in prod', () => {
    const [subscription] = prodTemplates().resources('AWS::SNS::Subscription');
    expect(subscription?.Properties).toMatchObject({ Protocol: 'email', Endpoint: 'operator@example.org' });
  });
});
