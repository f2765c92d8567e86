import { readFileSync } from 'node:fs';

import { Lazy, Stack, Tags } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { z } from 'zod';

import { renderText, shellWord } from '../../src/core/templates/template.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import type { hostSettings } from '../../src/hosts/settings/shared.ts';
import { metricNamespace } from '../config/metric-names.ts';
import type { GridConfig } from '../config/schema.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';
import { FIRST_BOOT_LIMIT, SIGNAL_TIMEOUT } from './first-boot.ts';
import type { HostRole } from './host-role.ts';
import { type HostSettings, settingsText } from './settings.ts';

/** Debian's own pointer to its newest image of a release; read at each launch, never at synth. */
const DEBIAN_IMAGE = '/aws/service/debian/release/12/latest/amd64';

const USER_DATA = 'ec2-userdata/common/user-data.sh';

export interface HostProps {
  readonly config: GridConfig;
  readonly role: HostRole;
  /** Unique in the deployment; the instance's name. */
  readonly hostName: string;
  readonly instanceType: string;
  readonly vpc: ec2.IVpc;
  /** One subnet: a host that is replaced stays where its address is. */
  readonly subnet: ec2.ISubnet;
  readonly securityGroup: ec2.ISecurityGroup;
  /** GiB. @default 20 */
  readonly rootDiskGiB?: number;
  /** @default only what every host is told */
  readonly settings?: HostSettings;
}

/**
 * One host that heals itself: a launch template in a group of one. An instance that fails is replaced, with Debian's
 * newest image; an unchanged deployment touches nothing.
 */
export class Host extends Construct {
  readonly group: autoscaling.AutoScalingGroup;
  /** Its name within the deployment, such as `replay-0`. */
  readonly label: string;
  /**
   * What the CloudWatch agent adds to each of its metrics (ec2-userdata/common/cloudwatch-agent.json). No name may be
   * `host`: the agent gives that name to the system's own host name and takes it away again when it adds EC2's dimensions.
   */
  readonly dimensions: { readonly host_name: string; readonly role: string };
  readonly metricNamespace: string;

  constructor(scope: Construct, id: string, props: HostProps) {
    super(scope, id);
    const { config, role, hostName } = props;
    this.label = hostName.replace(`${config.name}-`, '');
    this.dimensions = { host_name: hostName, role: role.name };
    this.metricNamespace = metricNamespace(config);
    const template = new ec2.LaunchTemplate(this, 'template', {
      machineImage: image(config),
      instanceType: new ec2.InstanceType(props.instanceType),
      role: role.iamRole,
      securityGroup: props.securityGroup,
      userData: ec2.UserData.custom(this.#userData(props)),
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      detailedMonitoring: false,
      // A host ends itself by shutting down. A terminated instance gives its network interfaces and disks back at once,
      // before the group sees that it is gone; a stopped one keeps them until the group terminates it.
      instanceInitiatedShutdownBehavior: ec2.InstanceInitiatedShutdownBehavior.TERMINATE,
      ebsOptimized: true,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: ec2.BlockDeviceVolume.ebs(props.rootDiskGiB ?? 20, {
            encrypted: true,
            volumeType: ec2.EbsDeviceVolumeType.GP3,
            deleteOnTermination: true,
          }),
        },
      ],
    });
    this.group = new autoscaling.AutoScalingGroup(this, 'group', {
      vpc: props.vpc,
      vpcSubnets: { subnets: [props.subnet] },
      launchTemplate: template,
      minCapacity: 1,
      maxCapacity: 1,
      // The new host signals when its service answers; the old one goes first, since there is one address and one share
      // of the work.
      signals: autoscaling.Signals.waitForAll({ timeout: SIGNAL_TIMEOUT }),
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({
        maxBatchSize: 1,
        minInstancesInService: 0,
        waitOnResourceSignals: true,
        pauseTime: SIGNAL_TIMEOUT,
      }),
      groupMetrics: [autoscaling.GroupMetrics.all()],
    });
    // A host that starts before it may read its archive fails for good.
    this.group.node.addDependency(role.iamRole);
    Tags.of(this).add('Name', hostName);
    // CDK names a launch template by its path, and so the disks that it makes.
    Tags.of(template).add('Name', hostName);
    acceptNagFindings(this.group, {
      'AwsSolutions-AS3': 'A host that is replaced raises the alarm of its service; single scaling events need none.',
    });
  }

  #userData({ config, role, hostName, settings }: HostProps): string {
    const stack = Stack.of(this);
    const { ssmAgent, cloudWatchAgent } = role;
    return renderText(
      { name: USER_DATA, text: readFileSync(repositoryPath(USER_DATA), 'utf8') },
      {
        stack: stack.stackName,
        // A name, not a reference: the group refers to this template.
        resource: Lazy.string({ produce: () => logicalId(this.group) }),
        region: stack.region,
        limit: `${FIRST_BOOT_LIMIT.toMinutes()}min`,
        endHost: script('end-host.sh'),
        retry: script('retry.sh'),
        aptSources: config.hosts.aptSources?.join('\n') ?? '',
        runtimeUrl: role.runtime.url,
        runtimeSha256: role.runtime.sha256,
        archiveUrl: role.archive.url,
        archiveSha256: role.archive.sha256,
        settings: settingsText({
          ...({
            AWS_REGION: stack.region,
            HOST_NAME: hostName,
            HOST_ROLE: role.name,
            LOG_GROUP: role.log.logGroupName,
            METRIC_NAMESPACE: metricNamespace(config),
            REPLACE_AFTER_MINUTES: config.hosts.replaceAfterMinutes,
            SSM_AGENT_URL: ssmAgent.url,
            SSM_AGENT_SHA256: ssmAgent.sha256,
            CLOUDWATCH_AGENT_URL: cloudWatchAgent.url,
            CLOUDWATCH_AGENT_SHA256: cloudWatchAgent.sha256,
          } satisfies z.input<typeof hostSettings>),
          ...settings,
        }),
      },
      shellWord,
    );
  }
}

/** A script of ec2-userdata/common, without the line break at its end: `printf '%s\\n'` adds it again. */
const script = (name: string): string => readFileSync(repositoryPath(`ec2-userdata/common/${name}`), 'utf8').trimEnd();

function logicalId(group: autoscaling.AutoScalingGroup): string {
  const resource = group.node.defaultChild;
  if (!(resource instanceof autoscaling.CfnAutoScalingGroup)) {
    throw new Error('an Auto Scaling group without a resource');
  }
  return Stack.of(group).getLogicalId(resource);
}

function image({ hosts: { imageId } }: GridConfig): ec2.IMachineImage {
  return imageId === undefined
    ? ec2.MachineImage.resolveSsmParameterAtLaunch(DEBIAN_IMAGE)
    : { getImage: () => ({ imageId, osType: ec2.OperatingSystemType.LINUX, userData: ec2.UserData.custom('') }) };
}
