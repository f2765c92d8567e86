import { Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

import { EMR_MANAGED_POLICY_TAG } from '../network/emr-tag.ts';

/** The port on which the primary node calls EMR's service, through the service access group. */
const SERVICE_PORT = 9443;

export interface EmrSecurityGroupsProps {
  readonly vpc: ec2.IVpc;
  /** Prefix of the groups' names. */
  readonly namePrefix: string;
}

/**
 * The three groups that EMR manages, owned by the stack: groups that EMR makes by itself outlive the cluster and block
 * the VPC's deletion. EMR adds the rules that it needs; a custom resource takes them away again.
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-man-sec-groups.html
 */
export class EmrSecurityGroups extends Construct {
  readonly primary: ec2.SecurityGroup;
  readonly core: ec2.SecurityGroup;
  readonly serviceAccess: ec2.SecurityGroup;
  /** Ids of the rules that are the stack's own. */
  readonly ownRuleIds: readonly string[];

  constructor(scope: Construct, id: string, props: EmrSecurityGroupsProps) {
    super(scope, id);
    const group = (name: string, description: string, allowAllOutbound: boolean): ec2.SecurityGroup =>
      new ec2.SecurityGroup(this, name, {
        vpc: props.vpc,
        securityGroupName: `${props.namePrefix}-emr-${name}`,
        description,
        allowAllOutbound,
      });
    // Nodes call AWS' APIs and each other; EMR refuses groups that keep them from it.
    this.primary = group('primary', 'EMR primary node', true);
    this.core = group('core', 'EMR core nodes', true);
    this.serviceAccess = group('service-access', 'EMR service to its nodes', false);
    for (const owned of [this.primary, this.core, this.serviceAccess]) {
      Tags.of(owned).add(EMR_MANAGED_POLICY_TAG.key, EMR_MANAGED_POLICY_TAG.value);
    }
    const rule = new ec2.CfnSecurityGroupIngress(this, 'primary-to-service', {
      groupId: this.serviceAccess.securityGroupId,
      sourceSecurityGroupId: this.primary.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: SERVICE_PORT,
      toPort: SERVICE_PORT,
      description: 'primary node to the EMR service',
    });
    this.ownRuleIds = [rule.ref];
  }

  get ids(): readonly string[] {
    return [this.primary.securityGroupId, this.core.securityGroupId, this.serviceAccess.securityGroupId];
  }
}
