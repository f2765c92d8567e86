import type { Host } from './host.ts';

/**
 * The command with which an operator reaches a port on the loopback address of a host: encrypted, by the operator's own
 * AWS credentials, with no port open to anybody. The instance is looked up, since a host that heals itself is another one.
 */
export function portForwarding({ group }: Host, port: number): string {
  const instance = [
    'aws autoscaling describe-auto-scaling-groups',
    `--auto-scaling-group-names ${group.autoScalingGroupName}`,
    "--query 'AutoScalingGroups[0].Instances[0].InstanceId' --output text",
  ].join(' ');
  return [
    `aws ssm start-session --target "$(${instance})"`,
    '--document-name AWS-StartPortForwardingSession',
    `--parameters portNumber=${port},localPortNumber=${port}`,
  ].join(' ');
}
