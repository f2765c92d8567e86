import { describe, expect, test } from '@jest/globals';
import { Token } from 'aws-cdk-lib';
import { execaSync } from 'execa';
import { z } from 'zod';

import { settingsText } from '../../../lib/hosts/settings.ts';
import { druidHostSettings } from '../../../src/hosts/druid/settings.ts';
import { airflowSettings } from '../../../src/hosts/settings/airflow.ts';
import { replaySettings } from '../../../src/hosts/settings/replay.ts';
import { hostSettings } from '../../../src/hosts/settings/shared.ts';
import { supersetSettings } from '../../../src/hosts/settings/superset.ts';
import { preset, prodTemplates, within } from '../../support/synth.ts';

const joined = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });

describe("a host's settings", () => {
  test('reach a shell as they were said, spaces and all', () => {
    const text = settingsText({ SPEED: 24, REDD_URL: '', NAME: 'two words; and # more' });
    const { stdout } = execaSync('bash', ['-c', 'eval "$0"; printf "%s|" "$SPEED" "$REDD_URL" "$NAME"', text]);
    expect(stdout).toBe('24||two words; and # more|');
  });

  test.each(['a"b', 'a$b', 'a`b`', 'a\\b', 'a\nb'])(
    'refuse %j, which shell or systemd would read otherwise',
    (value) => {
      expect(() => settingsText({ NAME: value })).toThrow('the setting NAME');
    },
  );

  test('refuse a name that is no variable', () => {
    expect(() => settingsText({ 'some-name': 'x' })).toThrow('some-name');
  });

  test('take what CloudFormation fills in', () => {
    expect(() => settingsText({ ARN: Token.asString({ Ref: 'Cluster' }) })).not.toThrow();
  });

  test('and user data name secrets by their address and hold none', () => {
    const data = within([...prodTemplates().byPart.values()], (value) => typeof value === 'string')
      .map(String)
      .filter((text) => /^[A-Z_]+="|\n[A-Z_]+="/.test(text));
    expect(data.length).toBeGreaterThan(0);
    for (const text of data) {
      for (const [, name = ''] of text.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)) {
        expect(name).not.toMatch(/PASSWORD$|PRIVATE_KEY|TOKEN$|SECRET_VALUE/);
      }
      expect(text).not.toMatch(/resolve:secretsmanager|-----BEGIN/);
    }
  });
});

/** What each host's programs and scripts read, by the host's role. */
const ROLES: Readonly<Record<string, z.ZodObject>> = {
  airflow: airflowSettings,
  druid: druidHostSettings,
  replay: replaySettings,
  superset: supersetSettings,
};

/** Texts of user data, with a word in place of each value that AWS fills in. */
const userData = within(
  preset('seed').resources('AWS::EC2::LaunchTemplate'),
  (value) => joined.safeParse(value).success,
)
  .map((value) => joined.parse(value)['Fn::Join'][1])
  .map((pieces) => pieces.map((piece) => (typeof piece === 'string' ? piece : 'filled-in')).join(''))
  .filter((text) => text.includes('HOST_ROLE='));

test.each(Object.keys(ROLES))('the %s host is told exactly what its programs read', (role) => {
  const texts = userData.filter((text) => text.includes(`HOST_ROLE="${role}"`));
  expect(texts.length).toBeGreaterThan(0);
  const expected = [...Object.keys(hostSettings.shape), ...Object.keys(ROLES[role]?.shape ?? {})].sort();
  for (const text of texts) {
    const settings = text.slice(text.indexOf('AWS_REGION='), text.indexOf('>/etc/igrid/settings'));
    expect([...settings.matchAll(/^([A-Z][A-Z0-9_]*)="/gm)].map(([, name]) => name).sort()).toEqual(expected);
  }
});
