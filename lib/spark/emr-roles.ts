import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

import { acceptNagFindings } from '../stack/nag-findings.ts';

/** What EMR's service and its nodes may do, before what the job itself needs. */
export class EmrRoles extends Construct {
  readonly service: iam.Role;
  /** Role of the nodes, and so of the job. */
  readonly nodes: iam.Role;
  readonly instanceProfile: iam.CfnInstanceProfile;

  constructor(scope: Construct, id: string, key: kms.IKey) {
    super(scope, id);
    const stack = Stack.of(this);

    this.nodes = new iam.Role(this, 'nodes', {
      description: 'Nodes of the EMR cluster: the duty-cycle job',
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
    });
    acceptNagFindings(this.nodes, {
      'AwsSolutions-IAM4[Policy::*]': 'AmazonSSMManagedInstanceCore: Session Manager in place of SSH.',
    });

    this.service = new iam.Role(this, 'service', {
      description: 'EMR: acts only on what carries its tag',
      assumedBy: new iam.ServicePrincipal('elasticmapreduce.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'elasticmapreduce', resource: '*' }) },
        },
      }),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonEMRServicePolicy_v2')],
    });
    // The managed policy passes only roles with EMR's default names (aws/aws-cdk#28327).
    this.service.addToPolicy(
      new iam.PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.nodes.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
      }),
    );
    // EMR encrypts the nodes' disks, root included, in the name of its service role.
    key.grantEncryptDecrypt(this.service);
    key.grant(this.service, 'kms:CreateGrant', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext');
    key.grantEncryptDecrypt(this.nodes);
    key.grant(this.nodes, 'kms:DescribeKey');
    acceptNagFindings(this.service, {
      'AwsSolutions-IAM4[Policy::*]':
        'AmazonEMRServicePolicy_v2 is the policy that EMR asks for; it is bound to a tag.',
      'AwsSolutions-IAM5[Action::kms:*]': 'kms:ReEncrypt* and kms:GenerateDataKey* on the one key.',
    });

    this.instanceProfile = new iam.CfnInstanceProfile(this, 'profile', { roles: [this.nodes.roleName] });
  }
}
