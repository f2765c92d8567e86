import { describe, expect, test } from '@jest/globals';
import { Token } from 'aws-cdk-lib';
import { execaSync } from 'execa';

import { settingsText } from '../../../lib/hosts/settings.ts';
import { prodTemplates, within } from '../../support/synth.ts';

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
