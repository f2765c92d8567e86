import {
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { EMRClient, ListClustersCommand } from '@aws-sdk/client-emr';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

import { isComplete, onEvent } from '../../../lambda/spark/emr-cleanup/handler.ts';

const PROPERTIES = {
  ClusterName: 'igrid-spark',
  SecurityGroupIds: ['sg-primary', 'sg-core', 'sg-service'],
  OwnRuleIds: ['sgr-own'],
};

const event = (RequestType: string) => ({
  RequestType,
  PhysicalResourceId: 'igrid-spark-cleanup',
  ResourceProperties: PROPERTIES,
});

const rule = (SecurityGroupRuleId: string, GroupId: string, IsEgress = false) => ({
  SecurityGroupRuleId,
  GroupId,
  IsEgress,
});

describe("the clean-up after EMR's cluster", () => {
  let ec2: AwsClientStub<EC2Client>;
  let emr: AwsClientStub<EMRClient>;
  beforeEach(() => {
    ec2 = mockClient(EC2Client);
    emr = mockClient(EMRClient);
    emr.on(ListClustersCommand).resolves({ Clusters: [] });
    ec2.on(DescribeSecurityGroupRulesCommand).resolves({ SecurityGroupRules: [] });
  });
  afterEach(() => {
    ec2.restore();
    emr.restore();
  });

  test('keeps one physical id for the life of the stack', async () => {
    expect(await onEvent(event('Create'))).toEqual({ PhysicalResourceId: 'igrid-spark-cleanup' });
    expect(await onEvent(event('Update'))).toEqual({ PhysicalResourceId: 'igrid-spark-cleanup' });
  });

  test.each(['Create', 'Update'])('asks AWS nothing at %s', async (type) => {
    expect(await isComplete(event(type))).toEqual({ IsComplete: true });
    expect(emr.calls()).toHaveLength(0);
    expect(ec2.calls()).toHaveLength(0);
  });

  test('waits while the cluster is on the second page of those that live', async () => {
    emr
      .on(ListClustersCommand)
      .resolvesOnce({ Clusters: [{ Id: 'j-1', Name: 'another' }], Marker: 'more' })
      .resolvesOnce({ Clusters: [{ Id: 'j-2', Name: 'igrid-spark' }] });
    expect(await isComplete(event('Delete'))).toEqual({ IsComplete: false });
    expect(ec2.calls()).toHaveLength(0);
    const [first, second] = emr.commandCalls(ListClustersCommand);
    expect(first?.args[0].input.ClusterStates).toContain('TERMINATING');
    expect(second?.args[0].input.Marker).toBe('more');
  });

  test("revokes all of EMR's rules, of both directions and on both pages, and none of the stack's own", async () => {
    ec2
      .on(DescribeSecurityGroupRulesCommand)
      .resolvesOnce({
        SecurityGroupRules: [rule('sgr-own', 'sg-service'), rule('sgr-1', 'sg-core')],
        NextToken: 'more',
      })
      .resolvesOnce({ SecurityGroupRules: [rule('sgr-2', 'sg-core'), rule('sgr-3', 'sg-primary', true)] });
    expect(await isComplete(event('Delete'))).toEqual({ IsComplete: true });
    expect(ec2.commandCalls(RevokeSecurityGroupIngressCommand).map(({ args }) => args[0].input)).toEqual([
      { GroupId: 'sg-core', SecurityGroupRuleIds: ['sgr-1', 'sgr-2'] },
    ]);
    expect(ec2.commandCalls(RevokeSecurityGroupEgressCommand).map(({ args }) => args[0].input)).toEqual([
      { GroupId: 'sg-primary', SecurityGroupRuleIds: ['sgr-3'] },
    ]);
    expect(ec2.commandCalls(DescribeSecurityGroupRulesCommand)[0]?.args[0].input.Filters).toEqual([
      { Name: 'group-id', Values: PROPERTIES.SecurityGroupIds },
    ]);
  });

  test('changes nothing when it is asked again', async () => {
    expect(await isComplete(event('Delete'))).toEqual({ IsComplete: true });
    expect(ec2.commandCalls(RevokeSecurityGroupIngressCommand)).toHaveLength(0);
  });

  test('fails with what AWS says, so that CloudFormation shows it', async () => {
    const denied = Object.assign(new Error('not authorized: elasticmapreduce:ListClusters'), {
      name: 'AccessDeniedException',
    });
    emr.on(ListClustersCommand).rejects(denied);
    await expect(isComplete(event('Delete'))).rejects.toThrow('not authorized: elasticmapreduce:ListClusters');
  });

  test('names a property that is wrong', async () => {
    const broken = { ...event('Delete'), ResourceProperties: { ...PROPERTIES, SecurityGroupIds: [] } };
    await expect(isComplete(broken)).rejects.toThrow(/SecurityGroupIds/);
  });
});
