import { describe, expect, test } from '@jest/globals';

import { ROTATION } from '../../support/deployments.ts';
import { preset, type Templates, templatesOf, within } from '../../support/synth.ts';

/** The numbers with which hosts start, by the stack that they are in. */
function settings(templates: Templates, name: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { stack, Properties } of templates.resources('AWS::EC2::LaunchTemplate')) {
    const texts = within(Properties, (value) => typeof value === 'string').join('');
    const values = [...texts.matchAll(new RegExp(String.raw`\n${name}="(\d+)"`, 'g'))].map((match) => match[1] ?? '');
    found[stack] = [...(found[stack] ?? []), ...values];
  }
  return found;
}

describe('a rotation by configuration', () => {
  const rotated = templatesOf('named-zones');

  test('has the custom resources issue again', () => {
    const [certificates] = rotated.resources('Custom::CertificateAuthority');
    expect(certificates?.Properties.Generation).toBe(ROTATION.certificates);
    const [roles] = rotated.resources('Custom::DatabaseRoles');
    expect(roles?.Properties.Generation).toBe(ROTATION.databasePasswords);
  });

  test.each([
    ['CERTIFICATES', ROTATION.certificates],
    ['DATABASE_ROTATION', ROTATION.databasePasswords],
  ])('replaces the hosts that use %s, and no others', (name, value) => {
    const hosts = (generation: number) => ({
      druid: [String(generation)],
      airflow: [String(generation)],
      superset: [String(generation)],
      replay: [],
    });
    expect(settings(preset('seed'), name)).toEqual(hosts(1));
    expect(settings(rotated, name)).toEqual(hosts(value));
  });

  test('needs the permission to write the secrets', () => {
    const policies = rotated.part('foundation').Resources;
    const text = JSON.stringify(
      Object.entries(policies).filter(
        ([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('databasesetup'),
      ),
    );
    expect(text).toContain('secretsmanager:PutSecretValue');
  });
});
