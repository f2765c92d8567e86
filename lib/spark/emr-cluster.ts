import { ArnFormat, type CustomResource, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as emr from 'aws-cdk-lib/aws-emr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';

import { repositoryPath } from '../../src/files/repository.ts';
import { grantObject } from '../assets/archive.ts';
import { logRetention } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import { StagedFile } from '../downloads/staged-file.ts';
import type { CertificateAuthority } from '../foundation/certificate-authority.ts';
import type { DataKey } from '../foundation/data-key.ts';
import { GridFunction } from '../lambdas/grid-function.ts';
import { ResourceProvider } from '../lambdas/resource-provider.ts';
import { EMR_MANAGED_POLICY_TAG } from '../network/emr-tag.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';
import { EmrRoles } from './emr-roles.ts';
import { EmrSecurityGroups } from './emr-security-groups.ts';

/** What differs from EMR's own settings, see https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-configure-apps.html */
const CONFIGURATIONS: emr.CfnCluster.ConfigurationProperty[] = [
  {
    // The agent is here for logs alone. Without this it also publishes 34 metrics of each node, each of which costs:
    // https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-logging-cw.html
    classification: 'emr-metrics',
    configurationProperties: {},
    configurations: [{ classification: 'emr-system-metrics', configurationProperties: {}, configurations: [] }],
  },
  // At INFO each task of each batch writes lines to its executor's log, which YARN keeps for as long as the stream runs.
  { classification: 'spark-log4j2', configurationProperties: { 'rootLogger.level': 'warn' } },
];

export interface EmrClusterProps {
  readonly config: GridConfig;
  readonly downloads: DownloadsStack;
  readonly vpc: ec2.IVpc;
  /** Attached to the nodes beside EMR's own groups: opens the way to Kafka. */
  readonly kafkaClients: ec2.ISecurityGroup;
  readonly key: DataKey;
  readonly authority: CertificateAuthority;
  /** Where EMR's logs go. */
  readonly bucket: s3.Bucket;
}

/** Spark on EMR: encrypted at rest and between nodes, leaving nothing behind that would block a destroy. */
export class EmrCluster extends Construct {
  readonly clusterId: string;
  readonly roles: EmrRoles;
  /** The job's own output, line by line. */
  readonly stepLog: logs.LogGroup;
  readonly cluster: emr.CfnCluster;

  constructor(scope: Construct, id: string, props: EmrClusterProps) {
    super(scope, id);
    const { config } = props;
    const { spark } = config;
    const name = `${config.name}-spark`;

    this.roles = new EmrRoles(this, 'roles', props.key);
    props.bucket.grantReadWrite(this.roles.nodes, 'logs/*');
    props.authority.grantEmr(this.roles.nodes);
    this.stepLog = this.#stepLog(config);

    const bootstrap = new Asset(this, 'bootstrap', { path: repositoryPath('emr-bootstrap', 'bootstrap.sh') });
    grantObject(bootstrap, this.roles.nodes);

    const groups = new EmrSecurityGroups(this, 'security-groups', { vpc: props.vpc, namePrefix: config.name });
    const security = this.#securityConfiguration(props);
    const [subnet] = props.vpc.privateSubnets;
    if (!subnet) {
      throw new Error('the VPC has no private subnet');
    }

    const jars = this.#jars(props);
    this.cluster = new emr.CfnCluster(this, clusterId(spark), {
      name,
      releaseLabel: spark.release,
      applications: [{ name: 'Spark' }, { name: 'AmazonCloudWatchAgent' }],
      serviceRole: this.roles.service.roleName,
      // The profile's name: its ARN is refused (aws/aws-cdk#16274).
      jobFlowRole: this.roles.instanceProfile.ref,
      securityConfiguration: security.ref,
      logUri: props.bucket.s3UrlForObject('logs/'),
      monitoringConfiguration: {
        cloudWatchLogConfiguration: {
          enabled: true,
          logGroupName: this.stepLog.logGroupName,
          logTypes: { STEP_LOGS: ['STDOUT', 'STDERR'] },
        },
      },
      configurations: CONFIGURATIONS,
      bootstrapActions: [
        {
          name: 'job prerequisites',
          scriptBootstrapAction: {
            path: bootstrap.s3ObjectUrl,
            args: jars.flatMap(({ name, file }) => [name, file.url, file.sha256]),
          },
        },
      ],
      instances: {
        ec2SubnetId: subnet.subnetId,
        emrManagedMasterSecurityGroup: groups.primary.securityGroupId,
        emrManagedSlaveSecurityGroup: groups.core.securityGroupId,
        serviceAccessSecurityGroup: groups.serviceAccess.securityGroupId,
        additionalMasterSecurityGroups: [props.kafkaClients.securityGroupId],
        additionalSlaveSecurityGroups: [props.kafkaClients.securityGroupId],
        masterInstanceGroup: instanceGroup('primary', spark.primaryType, 1, spark.diskGiB),
        // Without core nodes the primary runs the executor, too: a cluster of one node.
        ...(spark.coreNodes === 0
          ? {}
          : { coreInstanceGroup: instanceGroup('core', spark.coreType, spark.coreNodes, spark.diskGiB) }),
        keepJobFlowAliveWhenNoSteps: true,
        // Protected, a cluster could not be removed by a rollback or replaced by an update. What must not be lost, the
        // checkpoint, is in S3; prod protects the stack.
        terminationProtected: false,
        // EMR replaces core nodes; what replaces the only node is another cluster (docs/operate/alarms.md).
        unhealthyNodeReplacement: spark.coreNodes > 0,
      },
      // One step at a time: EMR itself keeps a second writer off the checkpoint. No idle-termination policy either: a
      // live stream never idles, and a cluster that ends by itself is gone while the stack believes in it.
      stepConcurrencyLevel: 1,
      ...(spark.maxCoreNodes === undefined
        ? {}
        : {
            managedScalingPolicy: {
              computeLimits: {
                unitType: 'Instances',
                minimumCapacityUnits: spark.coreNodes,
                maximumCapacityUnits: spark.maxCoreNodes,
              },
            },
          }),
      tags: [EMR_MANAGED_POLICY_TAG],
    });
    this.clusterId = this.cluster.ref;
    acceptMonitoringConfiguration(this.cluster);
    acceptNagFindings(this.cluster, {
      'AwsSolutions-EMR4': 'The security configuration encrypts local disks; the rule does not follow its reference.',
      'AwsSolutions-EMR5': 'The security configuration encrypts in transit; the rule does not follow its reference.',
      'AwsSolutions-EMR6': 'No SSH logins: Session Manager in place of SSH, steps through the API.',
    });
    // Policies too: a cluster that starts before its roles may do something fails for good.
    this.cluster.node.addDependency(this.roles, this.#cleanup(name, config, groups, security));
  }

  /** What the job needs and EMR does not have, by the names under which step.sh looks for it. */
  #jars({ config, downloads }: EmrClusterProps): { readonly name: string; readonly file: StagedFile }[] {
    const names = {
      'msk-iam-auth': ['aws-msk-iam-auth.jar', 'spark.mskIamAuth'],
      'kafka-clients': ['kafka-clients.jar', 'spark.kafkaClients'],
      'commons-pool': ['commons-pool2.jar', 'spark.commonsPool'],
    } as const;
    return Object.entries(names).map(([id, [name, field]]) => {
      const file = new StagedFile(this, id, { config, downloads, field });
      file.grantRead(this.roles.nodes);
      return { name, file };
    });
  }

  #stepLog(config: GridConfig): logs.LogGroup {
    const log = new logs.LogGroup(this, 'step-log', {
      retention: logRetention(config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // All six actions are in the policy that EMR's page asks for, there on every group. CreateLogGroup can't bring the
    // group back: the nodes are gone before it is deleted.
    // https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-logging-cw.html
    log.grant(
      this.roles.nodes,
      'logs:CreateLogGroup',
      'logs:CreateLogStream',
      'logs:DescribeLogStreams',
      'logs:PutLogEvents',
      'logs:PutRetentionPolicy',
    );
    iam.Grant.addToPrincipal({
      grantee: this.roles.nodes,
      actions: ['logs:DescribeLogGroups'],
      resourceArns: [
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: '*',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
    });
    acceptNagFindings(this.roles.nodes, {
      'AwsSolutions-IAM5[Resource::arn:*]': 'Listing log groups takes a pattern, never one group.',
    });
    return log;
  }

  #securityConfiguration({ key, authority }: EmrClusterProps): emr.CfnSecurityConfiguration {
    return new emr.CfnSecurityConfiguration(this, 'security', {
      securityConfiguration: {
        EncryptionConfiguration: {
          EnableInTransitEncryption: true,
          InTransitEncryptionConfiguration: {
            TLSCertificateConfiguration: { CertificateProviderType: 'PEM', S3Object: authority.emrCertificates },
          },
          EnableAtRestEncryption: true,
          AtRestEncryptionConfiguration: {
            S3EncryptionConfiguration: { EncryptionMode: 'SSE-S3' },
            LocalDiskEncryptionConfiguration: {
              EncryptionKeyProviderType: 'AwsKms',
              AwsKmsKey: key.keyArn,
              EnableEbsEncryption: true,
            },
          },
        },
        InstanceMetadataServiceConfiguration: {
          MinimumInstanceMetadataServiceVersion: 2,
          HttpPutResponseHopLimit: 1,
        },
      },
    });
  }

  /** What waits for the cluster's end and takes away what EMR added, before groups and security configuration go. */
  #cleanup(
    clusterName: string,
    config: GridConfig,
    groups: EmrSecurityGroups,
    security: emr.CfnSecurityConfiguration,
  ): CustomResource {
    const stack = Stack.of(this);
    const handler = (id: string, name: 'onEvent' | 'isComplete'): GridFunction =>
      new GridFunction(this, id, {
        config,
        folder: 'spark/emr-cleanup',
        handler: name,
        description: "Waits for the EMR cluster's end and revokes the rules that EMR added",
        timeout: Duration.minutes(1),
      });
    const onEvent = handler('cleanup-on-event', 'onEvent');
    const isComplete = handler('cleanup-is-complete', 'isComplete');
    isComplete.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['ec2:RevokeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress'],
        resources: groups.ids.map((id) =>
          stack.formatArn({ service: 'ec2', resource: 'security-group', resourceName: id }),
        ),
      }),
    );
    isComplete.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['ec2:DescribeSecurityGroupRules', 'elasticmapreduce:ListClusters'],
        resources: ['*'],
      }),
    );
    acceptNagFindings(this, {
      'AwsSolutions-IAM5[Resource::*]': 'Listing rules and clusters takes no resource.',
    });
    const provider = new ResourceProvider(this, 'cleanup', {
      config,
      onEvent,
      isComplete,
      interval: Duration.seconds(15),
      timeout: Duration.minutes(45),
    });
    const cleanup = provider.resource('resource', 'EmrCleanup', {
      ClusterName: clusterName,
      SecurityGroupIds: groups.ids,
      OwnRuleIds: groups.ownRuleIds,
    });
    cleanup.node.addDependency(groups, security);
    return cleanup;
  }
}

/**
 * Logs to CloudWatch are younger than the resource schema that CDK's own check carries; AWS documents them:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-emr-cluster-monitoringconfiguration.html
 * CDK's finding can only be accepted for the resource as a whole. cfn-lint checks every other property of it, and these
 * too: test/templates/cfn-lint-schema.json.
 */
function acceptMonitoringConfiguration(cluster: emr.CfnCluster): void {
  Validations.of(cluster).acknowledge({
    id: 'CloudFormation-Validate::F3002',
    reason: "MonitoringConfiguration is in AWS' reference, not yet in the schema that this check carries.",
  });
}

/**
 * Another id is another resource: CloudFormation makes the new cluster, then moves the job, then ends the old cluster.
 * Outputs bear the id as well, so other stacks see that what they refer to has moved.
 */
function clusterId({ clusterGeneration }: GridConfig['spark']): string {
  return clusterGeneration === 1 ? 'cluster' : `cluster-${clusterGeneration}`;
}

function instanceGroup(
  name: string,
  instanceType: string,
  instanceCount: number,
  diskGiB: number,
): emr.CfnCluster.InstanceGroupConfigProperty {
  return {
    name,
    instanceType,
    instanceCount,
    market: 'ON_DEMAND',
    ebsConfiguration: {
      ebsBlockDeviceConfigs: [{ volumeSpecification: { volumeType: 'gp3', sizeInGb: diskGiB }, volumesPerInstance: 1 }],
    },
  };
}
