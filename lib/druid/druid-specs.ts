import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

import { gridClock } from '../../src/core/clock/grid-clock.ts';
import { type Desired, DESIRED_FILE } from '../../src/druid/apply/desired.ts';
import { Archive, type Content } from '../assets/archive.ts';
import { PROGRAM_FILES } from '../assets/program-files.ts';
import type { GridConfig } from '../config/schema.ts';
import { GridFunction } from '../lambdas/grid-function.ts';
import { ResourceProvider } from '../lambdas/resource-provider.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';
import type { DruidHost } from './druid-host.ts';

/** Of one run on the host: supervisors may take a few minutes to reach Kafka. */
const RUN_TIMEOUT = Duration.minutes(10);

/** The program that brings Druid's ingestion to what is desired, as it is in the repository, with the specs. */
export function specsContents(desired: Desired): Readonly<Record<string, Content>> {
  return {
    'src/druid/apply.mjs': { program: 'src/hosts/druid-specs/apply.main.ts' },
    ...Object.fromEntries(
      Object.entries(PROGRAM_FILES).map(([name, content]): [string, Content] => [`src/druid/${name}`, content]),
    ),
    'ec2-userdata/druid/specs': { from: 'ec2-userdata/druid/specs' },
    [DESIRED_FILE]: { text: JSON.stringify(desired) },
  };
}

/** An archive of its own: a changed spec does not replace the host. */
export class DruidSpecsArchive extends Archive {
  constructor(scope: Construct, id: string, desired: Desired) {
    super(scope, id, { name: id, contents: specsContents(desired) });
  }
}

/** What Druid should ingest in a deployment. */
export function desiredState(config: GridConfig): Desired {
  return {
    state: 'running',
    maxIntervalMs: gridClock(config.speed).maxGapMs,
    powerrawTasks: config.druid.powerrawTasks,
    retentionDays: config.druid.retentionDays,
  };
}

export interface DruidSpecsProps {
  readonly config: GridConfig;
  readonly host: DruidHost;
  readonly running: DruidSpecsArchive;
  readonly suspended: DruidSpecsArchive;
}

/**
 * Supervisors, lookups and retention rules, posted at deployments and again when they have changed. A function sends
 * the host a command of ours that takes the key and the hash of an archive and nothing else; the host reads the login
 * itself. A host that is replaced needs none of this: supervisors are in the metadata.
 */
export class DruidSpecs extends Construct {
  /** Its failures mean that Druid does not ingest what this deployment says. */
  readonly function: GridFunction;

  constructor(scope: Construct, id: string, { config, host, running, suspended }: DruidSpecsProps) {
    super(scope, id);
    for (const archive of [running, suspended]) {
      archive.grantRead(host.role.iamRole);
    }
    const document = this.#document(config);
    const onEvent = new GridFunction(this, 'on-event', {
      config,
      folder: 'druid/specs',
      handler: 'onEvent',
      description: "Begins to bring Druid's ingestion to what is desired",
      timeout: Duration.seconds(30),
    });
    this.function = new GridFunction(this, 'is-complete', {
      config,
      folder: 'druid/specs',
      handler: 'isComplete',
      description: 'Sends the Druid host its command, waits for the result',
      timeout: Duration.minutes(1),
    });
    this.#grantSend(document, host);
    const provider = new ResourceProvider(this, 'provider', {
      config,
      onEvent,
      isComplete: this.function,
      interval: Duration.seconds(15),
      timeout: Duration.minutes(45),
    });
    const { group } = host.host;
    const specs = provider.resource('specs', 'DruidSpecs', {
      DocumentName: document.ref,
      GroupName: group.autoScalingGroupName,
      Key: running.objectKey,
      Sha256: running.sha256,
      SuspendKey: suspended.objectKey,
      SuspendSha256: suspended.sha256,
    });
    // Deleted before the host goes, and posted only when the host has signalled that Druid answers.
    specs.node.addDependency(group, host.role.iamRole);
  }

  #document(config: GridConfig): ssm.CfnDocument {
    return new ssm.CfnDocument(this, 'document', {
      documentType: 'Command',
      documentFormat: 'JSON',
      targetType: '/AWS::EC2::Instance',
      content: {
        schemaVersion: '2.2',
        description: `${config.name}: brings Druid's ingestion to what an archive says`,
        parameters: {
          Key: {
            type: 'String',
            description: "Key of the archive in the deployment's bucket of assets",
            allowedPattern: '^[A-Za-z0-9._/-]+$',
          },
          Sha256: { type: 'String', description: "The archive's hash", allowedPattern: '^[0-9a-f]{64}$' },
        },
        mainSteps: [
          {
            action: 'aws:runShellScript',
            name: 'apply',
            precondition: { StringEquals: ['platformType', 'Linux'] },
            inputs: {
              timeoutSeconds: String(RUN_TIMEOUT.toSeconds()),
              runCommand: ['/opt/igrid/current/host/apply-specs.sh {{ Key }} {{ Sha256 }}'],
            },
          },
        ],
      },
    });
  }

  #grantSend(document: ssm.CfnDocument, host: DruidHost): void {
    const stack = Stack.of(this);
    this.function.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['ssm:SendCommand'],
        resources: [stack.formatArn({ service: 'ssm', resource: 'document', resourceName: document.ref })],
      }),
    );
    this.function.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['ssm:SendCommand'],
        resources: [stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' })],
        conditions: { StringEquals: { 'ssm:resourceTag/Name': host.hostName } },
      }),
    );
    this.function.addToRolePolicy(
      new iam.PolicyStatement({
        actions: [
          'autoscaling:DescribeAutoScalingGroups',
          'ssm:DescribeInstanceInformation',
          'ssm:GetCommandInvocation',
          'ssm:ListCommands',
        ],
        // None of them takes a resource.
        resources: ['*'],
      }),
    );
    acceptNagFindings(this, {
      'AwsSolutions-IAM5[Resource::*]': 'What is asked of Systems Manager and Auto Scaling takes no resource.',
      'AwsSolutions-IAM5[Resource::arn:*]':
        "An instance's id is not known at deployment; its tag is, and is asked for.",
    });
  }
}
