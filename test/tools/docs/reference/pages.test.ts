import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { repositoryPath } from '../../../../src/files/repository.ts';
import { COMMANDS, commandsPage } from '../../../../tools/docs/reference/commands.ts';
import { allowedOf, configurationPage, leaves, typeOf } from '../../../../tools/docs/reference/configuration.ts';
import { configurationNode, configurationSchema } from '../../../../tools/docs/reference/configuration-schema.ts';
import { referencePages } from '../../../../tools/docs/reference/pages.ts';
import { preset } from '../../../support/synth.ts';

const scriptsSchema = z.object({ scripts: z.record(z.string(), z.string()) });

describe('the reference', () => {
  test('is up to date: npm run docs writes it', () => {
    for (const [file, content] of referencePages(preset('seed').part('operations').Resources)) {
      expect([file, readFileSync(repositoryPath(file), 'utf8')]).toEqual([file, content]);
    }
  });

  test('names every alarm of a deployment, under its number where there are several', () => {
    const page = referencePages(preset('seed').part('operations').Resources).get('docs/reference/alarms.md');
    const alarms = preset('seed').resources('AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(20);
    for (const { Properties } of alarms) {
      const name = String(Properties.AlarmName)
        .replace('igrid', 'NAME')
        .replace(/\b(broker|replay)-\d+/, '$1-N');
      expect(page).toContain(`| \`${name}\` |`);
    }
  });
});

describe('the page of commands', () => {
  const page = commandsPage();

  test('has a section with the options of each npm script that it lists', () => {
    const { scripts } = scriptsSchema.parse(JSON.parse(readFileSync(repositoryPath('package.json'), 'utf8')));
    for (const [script, make] of Object.entries(COMMANDS)) {
      expect(Object.keys(scripts)).toContain(script);
      const section = page.split(/^## /m).find((text) => /^`npm (run )?(\S+)`/.exec(text)?.[2] === script);
      for (const { long } of make().options) {
        expect(section).toContain(long);
      }
    }
  });

  test('shows what is required, choices and defaults with their unit, and no path of this machine', () => {
    expect(page).toContain('| `--brokers <host:port,...>` | at least one broker | required |  |');
    expect(page).toContain('| `--auth <kind>` | client authentication | `none` | `iam`, `none` |');
    expect(page).toMatch(/\| `--interval <duration>` \| .* \| 1,000 ms \|/);
    expect(page).not.toContain(repositoryPath());
  });
});

describe('a field of the configuration', () => {
  const fields = leaves('', configurationNode());

  test('says what it decides, of which type it is, and what it allows', () => {
    expect(fields.length).toBeGreaterThan(70);
    for (const { path, node } of fields) {
      expect({ path, described: (node.description ?? '').length > 4 }).toEqual({ path, described: true });
      expect({ path, typed: typeOf(node) !== '', allowed: allowedOf(node) !== '' }).toEqual({
        path,
        typed: true,
        allowed: true,
      });
    }
  });

  test('that is a number has a unit', () => {
    const numbers = fields.filter(({ node }) => ['integer', 'number'].includes(node.type ?? ''));
    expect(numbers.length).toBeGreaterThan(30);
    expect(numbers.filter(({ node }) => node.unit === undefined)).toEqual([]);
  });

  test('has a default, or says what holds without it', () => {
    expect(fields.filter(({ node }) => node.default === undefined && node.otherwise === undefined)).toEqual([]);
  });

  test('is shown with its bounds', () => {
    expect(configurationPage()).toContain('| `kafka.brokers` | integer | brokers | `3` | 2 to 30 | Number of brokers');
    expect(configurationPage()).toContain('| 10/24, as the replay hosts play | above 0, at most 1,000 |');
    expect(allowedOf({ type: 'integer', minimum: 2, maximum: 30, multipleOf: 2 })).toBe('2 to 30, a multiple of 2');
  });
});

test("the JSON Schema has JSON Schema's own keys only, and tells units in descriptions", () => {
  const schema = configurationSchema();
  expect(schema).not.toContain('"unit":');
  expect(schema).not.toContain('"otherwise":');
  expect(JSON.parse(schema)).toMatchObject({
    additionalProperties: false,
    properties: { spark: { properties: { batchSeconds: { type: 'integer', minimum: 1, maximum: 60, default: 1 } } } },
  });
  expect(schema).toContain('Unit: seconds.');
});
