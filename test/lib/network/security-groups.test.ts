import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { type Actor, ACTORS, flows, INTERNET_PORTS } from '../../../lib/network/traffic.ts';
import { textOf } from '../../support/iam.ts';
import { templatesOf } from '../../support/synth.ts';

const actors = Object.keys(ACTORS) as Actor[];

const ruleSchema = z.object({
  IpProtocol: z.literal('tcp'),
  FromPort: z.number(),
  ToPort: z.number(),
  GroupId: z.unknown(),
  SourceSecurityGroupId: z.unknown().optional(),
  DestinationSecurityGroupId: z.unknown().optional(),
  CidrIp: z.string().optional(),
});

/** `<securitygroupsbrokers>` -> `brokers`. */
const actorOf = (group: unknown): string => {
  const name = textOf(group)
    .replaceAll(/[<>]/g, '')
    .replace(/^securitygroups/, '');
  return actors.find((actor) => actor.replaceAll('-', '') === name) ?? name;
};

describe.each(['seed', 'prod', 'open-kafka'] as const)('the security groups of %s', (name) => {
  const { Resources } = templatesOf(name).part('network');
  const rules = (type: string) =>
    Object.values(Resources)
      // A group without egress has a dummy rule to 255.255.255.255/32.
      .filter(({ Type, Properties }) => Type === type && Properties.CidrIp !== '255.255.255.255/32')
      .map(({ Properties }) => ruleSchema.parse(Properties));
  const expected = flows({ auth: name === 'open-kafka' ? 'none' : 'iam' });
  const lines = expected.map(({ from, to, port }) => `${from} -> ${to}:${port}`).sort();

  test('let in exactly what the table of traffic says', () => {
    const ingress = rules('AWS::EC2::SecurityGroupIngress').map(
      ({ SourceSecurityGroupId, GroupId, FromPort, ToPort }) => {
        expect(ToPort).toBe(FromPort);
        return `${actorOf(SourceSecurityGroupId)} -> ${actorOf(GroupId)}:${FromPort}`;
      },
    );
    expect(ingress.sort()).toEqual(lines);
  });

  test('let out exactly that, and the ports of AWS APIs and packages', () => {
    const egress = rules('AWS::EC2::SecurityGroupEgress').map(
      ({ DestinationSecurityGroupId, GroupId, FromPort, CidrIp }) =>
        CidrIp === undefined
          ? `${actorOf(GroupId)} -> ${actorOf(DestinationSecurityGroupId)}:${FromPort}`
          : `${actorOf(GroupId)} -> ${CidrIp}:${FromPort}`,
    );
    const internet = actors.flatMap((actor) =>
      (INTERNET_PORTS[actor] ?? []).map((port) => `${actor} -> 0.0.0.0/0:${port}`),
    );
    expect(egress.sort()).toEqual([...lines, ...internet].sort());
  });

  test('have names that no deployment changes, and no rules inside, or MSK would be replaced with its group', () => {
    const groups = Object.values(Resources).filter(({ Type }) => Type === 'AWS::EC2::SecurityGroup');
    expect(groups.map(({ Properties }) => Properties.GroupName).sort()).toEqual(
      actors.map((actor) => `igrid-${actor}`).sort(),
    );
    for (const { Properties } of groups) {
      expect(Properties).not.toHaveProperty('SecurityGroupIngress');
      expect(Properties.SecurityGroupEgress ?? []).toEqual([]);
    }
  });
});
