/** What roles do on AWS without a request that the emulated AWS would receive: said in the report, and never called unused. */

/** Services that hand a role's credentials to programs of ours; other services use a role by themselves. */
export const SIGNING_SERVICES: readonly string[] = ['lambda.amazonaws.com', 'ec2.amazonaws.com'];

export interface OutOfSight {
  /** As policies name them; a trailing `*` stands for the rest. */
  readonly actions: readonly string[];
  readonly reason: string;
}

export const OUT_OF_SIGHT: readonly OutOfSight[] = [
  {
    actions: [
      ...['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogGroups', 'logs:DescribeLogStreams'],
      ...['logs:PutLogEvents', 'logs:PutRetentionPolicy'],
    ],
    reason:
      "logs are sent by Lambda itself; of hosts' and EMR's CloudWatch agents there are stand-ins, which send less",
  },
  { actions: ['kafka-cluster:*'], reason: "Kafka's own protocol, and the rehearsal's broker asks for no identity" },
  { actions: ['kms:*'], reason: 'S3, Secrets Manager and EBS use the key in the name of their caller' },
];
