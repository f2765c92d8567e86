import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { type PresetName, PRESETS } from '../../../lib/config/presets.ts';
import { preset } from '../../support/synth.ts';

/** EC2's limit, before base64: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
const LIMIT_BYTES = 16_384;

/** What AWS fills in is an ARN or a name; an ARN of a secret has about 110 characters. */
const REFERENCE_BYTES = 150;

const schema = z.object({
  LaunchTemplateData: z.object({
    UserData: z.object({ 'Fn::Base64': z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }) }),
  }),
});

describe.each(Object.keys(PRESETS) as PresetName[])('the preset %s', (name) => {
  const templates = preset(name).resources('AWS::EC2::LaunchTemplate');

  test('has user data that EC2 takes', () => {
    expect(templates.length).toBeGreaterThan(3);
    for (const { Properties } of templates) {
      const { UserData } = schema.parse(Properties).LaunchTemplateData;
      const [, parts] = UserData['Fn::Base64']['Fn::Join'];
      const bytes = parts
        .map((part) => (typeof part === 'string' ? Buffer.byteLength(part) : REFERENCE_BYTES))
        .reduce((sum, size) => sum + size, 0);
      expect(bytes).toBeLessThan(LIMIT_BYTES);
    }
  });

  test('terminates a host that shuts itself down', () => {
    for (const { Properties } of templates) {
      expect(Properties).toHaveProperty('LaunchTemplateData.InstanceInitiatedShutdownBehavior', 'terminate');
    }
  });
});
