import { describe, expect, it } from '@jest/globals';

import { NAT_INSTANCE_TYPE } from '../../../lib/network/nat-instance.ts';
import { preset, within } from '../../support/synth.ts';

const lean = preset('lean');
const [instance, ...others] = lean.resources('AWS::EC2::Instance');

describe('the NAT instance of lean', () => {
  it('is the only one, in place of every gateway', () => {
    expect(instance?.Properties).toMatchObject({ InstanceType: NAT_INSTANCE_TYPE, SourceDestCheck: false });
    expect(others).toEqual([]);
    expect(lean.resources('AWS::EC2::NatGateway')).toEqual([]);
  });

  it('is where every private subnet sends what is not for the VPC', () => {
    const routes = lean
      .resources('AWS::EC2::Route')
      .filter(({ logicalId }) => logicalId.includes('private'))
      .map(({ Properties }) => Properties);
    expect(routes).toHaveLength(2);
    for (const route of routes) {
      expect(route).toMatchObject({ DestinationCidrBlock: '0.0.0.0/0', InstanceId: { Ref: instance?.logicalId } });
    }
  });

  it("lets nothing in but the VPC's own addresses", () => {
    const rules = lean
      .resources('AWS::EC2::SecurityGroup')
      .filter(({ logicalId }) => logicalId.includes('NatSecurityGroup'))
      .flatMap(({ Properties }) => Properties.SecurityGroupIngress);
    expect(rules).toHaveLength(1);
    expect(within(rules, (one) => one === '0.0.0.0/0')).toEqual([]);
    expect(within(rules, (one) => one === 'CidrBlock')).toHaveLength(1);
  });
});
