import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { type DeploymentName, DEPLOYMENTS } from '../../support/deployments.ts';
import { templatesOf } from '../../support/synth.ts';

const tagsSchema = z.array(z.object({ Key: z.string(), Value: z.unknown() }));
const templateSchema = z.object({
  LaunchTemplateData: z.object({
    TagSpecifications: z.array(z.object({ ResourceType: z.string(), Tags: tagsSchema })),
  }),
});
const groupSchema = z.object({
  Tags: tagsSchema,
  LaunchTemplate: z.object({ LaunchTemplateId: z.object({ Ref: z.string() }) }),
});

const nameIn = (tags: z.output<typeof tagsSchema>): unknown => tags.find(({ Key }) => Key === 'Name')?.Value;

describe.each(Object.keys(DEPLOYMENTS) as DeploymentName[])('the hosts of %s', (name) => {
  test('and their disks carry the name of the host', () => {
    const templates = templatesOf(name);
    const groups = templates.resources('AWS::AutoScaling::AutoScalingGroup');
    expect(groups.length).toBeGreaterThan(1);
    for (const { stack, logicalId, Properties } of groups) {
      const { Tags, LaunchTemplate } = groupSchema.parse(Properties);
      const host = nameIn(Tags);
      expect({ logicalId, host }).toEqual({
        logicalId,
        host: expect.stringMatching(new RegExp(`^${DEPLOYMENTS[name]().name}-[a-z0-9-]+$`)),
      });
      const launched = templates
        .resources('AWS::EC2::LaunchTemplate')
        .find((one) => one.stack === stack && one.logicalId === LaunchTemplate.LaunchTemplateId.Ref);
      const { TagSpecifications } = templateSchema.parse(launched?.Properties).LaunchTemplateData;
      const names = Object.fromEntries(TagSpecifications.map((one) => [one.ResourceType, nameIn(one.Tags)]));
      expect(names).toEqual({ instance: host, volume: host });
    }
  });
});
