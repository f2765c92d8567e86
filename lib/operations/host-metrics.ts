import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

import type { Host } from '../hosts/host.ts';
import { metricOf } from './alarm.ts';

const FIVE_MINUTES = Duration.minutes(5);

/** How many instances of a host's group are healthy: 1, or 0 while it is being replaced. */
export function instancesInService({ group }: Host): cloudwatch.Metric {
  const dimensions = { AutoScalingGroupName: group.autoScalingGroupName };
  return metricOf('AWS/AutoScaling', 'GroupInServiceInstances', dimensions, 'Minimum', FIVE_MINUTES);
}

/** Percent. */
export function cpuUsed({ group }: Host): cloudwatch.Metric {
  const dimensions = { AutoScalingGroupName: group.autoScalingGroupName };
  return metricOf('AWS/EC2', 'CPUUtilization', dimensions, 'Average', FIVE_MINUTES);
}

/** Percent; by the CloudWatch agent, whose dimensions ec2-userdata/common/cloudwatch-agent.json decides. */
export function memoryUsed(host: Host): cloudwatch.Metric {
  return metricOf(host.metricNamespace, 'mem_used_percent', host.dimensions, 'Minimum', FIVE_MINUTES);
}

/** Percent of the root disk, as {@link memoryUsed}; Debian's images have ext4. */
export function diskUsed(host: Host): cloudwatch.Metric {
  const dimensions = { ...host.dimensions, path: '/', fstype: 'ext4' };
  return metricOf(host.metricNamespace, 'disk_used_percent', dimensions, 'Maximum', FIVE_MINUTES);
}
