import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { type DeploymentName, DEPLOYMENTS } from '../../support/deployments.ts';
import { statements } from '../../support/iam.ts';
import { templatesOf } from '../../support/synth.ts';

/**
 * What Lambda asks of the role of a function in a VPC: CreateFunction is refused without it.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

const roleSchema = z.object({ Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) });

describe.each(Object.keys(DEPLOYMENTS) as DeploymentName[])('the functions of %s', (name) => {
  const templates = templatesOf(name);
  const functions = templates.resources('AWS::Lambda::Function').map(({ stack, logicalId, Properties }) => ({
    where: `${stack}/${logicalId}`,
    isInVpc: Properties.VpcConfig !== undefined,
    role: `${stack}/${roleSchema.parse(Properties).Role['Fn::GetAtt'][0]}`,
  }));
  /** The role's own statements: they are in force before the function is made, those of a policy beside it may not be. */
  const inline = statements(templates);

  test('may manage their network interfaces where they have a VPC, from the first moment on', () => {
    const inVpc = functions.filter(({ isInVpc }) => isInVpc);
    expect(inVpc.length).toBeGreaterThan(0);
    for (const { where, role } of inVpc) {
      const allowed = inline
        .filter((statement) => statement.where === role && statement.Effect === 'Allow')
        .filter(({ Resource, Condition }) => Resource.includes('*') && Condition === undefined)
        .flatMap(({ Action }) => Action);
      const missing = NETWORK_INTERFACES.filter((action) => !allowed.includes(action));
      expect({ where, missing }).toEqual({ where, missing: [] });
    }
  });

  test('may not where they have none', () => {
    const without = functions.filter(({ isInVpc }) => !isInVpc).map(({ role }) => role);
    const allowed = inline
      .filter(({ where, Effect }) => without.includes(where) && Effect === 'Allow')
      .flatMap(({ where, Action }) => Action.map((action) => `${where}: ${action}`))
      .filter((line) => NETWORK_INTERFACES.some((action) => line.endsWith(`: ${action}`)));
    expect(allowed).toEqual([]);
  });
});
