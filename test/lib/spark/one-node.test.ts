import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { preset } from '../../support/synth.ts';

const clusterSchema = z.object({
  Instances: z.object({
    MasterInstanceGroup: z.object({ InstanceType: z.string(), InstanceCount: z.number() }),
    CoreInstanceGroup: z.object({ InstanceCount: z.number() }).optional(),
    UnhealthyNodeReplacement: z.boolean(),
  }),
});

const instancesOf = (name: 'lean' | 'seed') => {
  const [cluster] = preset(name).resources('AWS::EMR::Cluster');
  return clusterSchema.parse(cluster?.Properties).Instances;
};

describe('an EMR cluster', () => {
  test('without core nodes has one node, which EMR can not replace', () => {
    const instances = instancesOf('lean');
    expect(instances.MasterInstanceGroup).toMatchObject({ InstanceType: 'm6g.xlarge', InstanceCount: 1 });
    expect(instances.CoreInstanceGroup).toBeUndefined();
    expect(instances.UnhealthyNodeReplacement).toBe(false);
  });

  test('with core nodes has them replaced', () => {
    expect(instancesOf('seed')).toMatchObject({
      CoreInstanceGroup: { InstanceCount: 2 },
      UnhealthyNodeReplacement: true,
    });
  });
});

test('a deployment in two zones has two brokers in two subnets, and two of each kind of subnet', () => {
  const [cluster] = preset('lean').resources('AWS::MSK::Cluster');
  const { NumberOfBrokerNodes, BrokerNodeGroupInfo } = z
    .object({ NumberOfBrokerNodes: z.number(), BrokerNodeGroupInfo: z.object({ ClientSubnets: z.array(z.unknown()) }) })
    .parse(cluster?.Properties);
  expect([NumberOfBrokerNodes, BrokerNodeGroupInfo.ClientSubnets.length]).toEqual([2, 2]);
  expect(preset('lean').resources('AWS::EC2::Subnet')).toHaveLength(4);
});
