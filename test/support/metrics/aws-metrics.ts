/** Metrics that AWS' services publish by themselves: names, dimensions and intervals by their documentation. */

/** What a dimension's value is the name of. */
export type DimensionOf =
  | 'broker'
  | 'consumer group'
  | 'database'
  | 'function'
  | 'host group'
  | 'job flow'
  | 'kafka cluster'
  | 'nat gateway'
  | 'rule'
  | 'state machine'
  | 'topic';

/** MSK's monitoring levels: each has the metrics of those before it. */
export const KAFKA_LEVELS = ['DEFAULT', 'PER_BROKER', 'PER_TOPIC_PER_BROKER', 'PER_TOPIC_PER_PARTITION'] as const;

export interface AwsMetrics {
  readonly namespace: string;
  readonly names: readonly string[];
  /** All dimensions: CloudWatch knows a metric by exactly these. */
  readonly dimensions: Readonly<Record<string, DimensionOf>>;
  /** Seconds between two data points: an alarm with a shorter period sees gaps. */
  readonly every: number;
  /** Of MSK's metrics: the level at which they begin. */
  readonly level?: (typeof KAFKA_LEVELS)[number];
  readonly source: string;
}

// Standard brokers. The same names, levels and dimensions as data: awslabs/mcp,
// src/aws-msk-mcp-server/awslabs/aws_msk_mcp_server/tools/logs_and_telemetry/metric_config.py
const KAFKA = {
  namespace: 'AWS/Kafka',
  every: 60,
  source: 'https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html',
} as const;
const CLUSTER = { 'Cluster Name': 'kafka cluster' } as const;
const BROKER = { ...CLUSTER, 'Broker ID': 'broker' } as const;
const TOPIC = { ...BROKER, Topic: 'topic' } as const;

export const AWS_METRICS: readonly AwsMetrics[] = [
  {
    ...KAFKA,
    level: 'DEFAULT',
    names: ['ActiveControllerCount', 'GlobalPartitionCount', 'GlobalTopicCount', 'OfflinePartitionsCount'],
    dimensions: CLUSTER,
  },
  {
    ...KAFKA,
    level: 'DEFAULT',
    names: [
      ...['BurstBalance', 'ConnectionCount', 'CPUCreditBalance', 'CpuIdle', 'CpuIoWait', 'CpuSystem', 'CpuUser'],
      ...['HeapMemoryAfterGC', 'KafkaAppLogsDiskUsed', 'KafkaDataLogsDiskUsed', 'LeaderCount', 'MemoryFree'],
      ...['MemoryUsed', 'BytesInPerSec', 'BytesOutPerSec', 'MessagesInPerSec', 'PartitionCount', 'RootDiskUsed'],
      ...['TrafficShaping', 'UnderMinIsrPartitionCount', 'UnderReplicatedPartitions'],
    ],
    dimensions: BROKER,
  },
  { ...KAFKA, level: 'DEFAULT', names: ['BytesInPerSec', 'BytesOutPerSec'], dimensions: TOPIC },
  {
    ...KAFKA,
    level: 'DEFAULT',
    names: ['EstimatedMaxTimeLag', 'MaxOffsetLag', 'SumOffsetLag'],
    dimensions: { ...CLUSTER, 'Consumer Group': 'consumer group', Topic: 'topic' },
  },
  { ...KAFKA, level: 'PER_TOPIC_PER_BROKER', names: ['MessagesInPerSec'], dimensions: TOPIC },
  {
    namespace: 'AWS/AutoScaling',
    names: ['GroupDesiredCapacity', 'GroupInServiceInstances', 'GroupPendingInstances', 'GroupTerminatingInstances'],
    dimensions: { AutoScalingGroupName: 'host group' },
    every: 60,
    source: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html',
  },
  {
    namespace: 'AWS/EC2',
    names: ['CPUCreditBalance', 'CPUUtilization', 'NetworkIn', 'NetworkOut', 'StatusCheckFailed'],
    dimensions: { AutoScalingGroupName: 'host group' },
    // Basic monitoring; hosts have no other.
    every: 300,
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html',
  },
  {
    namespace: 'AWS/RDS',
    names: ['CPUUtilization', 'DatabaseConnections', 'FreeableMemory', 'FreeStorageSpace'],
    dimensions: { DBInstanceIdentifier: 'database' },
    every: 60,
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html',
  },
  {
    namespace: 'AWS/Lambda',
    names: ['Duration', 'Errors', 'Invocations', 'Throttles'],
    dimensions: { FunctionName: 'function' },
    every: 60,
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html',
  },
  {
    namespace: 'AWS/States',
    names: ['ExecutionsFailed', 'ExecutionsStarted', 'ExecutionsSucceeded', 'ExecutionsTimedOut'],
    dimensions: { StateMachineArn: 'state machine' },
    every: 60,
    source: 'https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html',
  },
  {
    namespace: 'AWS/Events',
    names: ['FailedInvocations', 'Invocations', 'TriggeredRules'],
    dimensions: { RuleName: 'rule' },
    every: 60,
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html',
  },
  {
    namespace: 'AWS/ElasticMapReduce',
    names: ['AppsRunning', 'CoreNodesRunning', 'HDFSUtilization', 'IsIdle', 'MRUnhealthyNodes'],
    dimensions: { JobFlowId: 'job flow' },
    every: 300,
    source: 'https://docs.aws.amazon.com/emr/latest/ManagementGuide/UsingEMR_ViewingMetrics.html',
  },
  {
    namespace: 'AWS/NATGateway',
    names: ['BytesOutToDestination', 'ErrorPortAllocation', 'PacketsDropCount'],
    dimensions: { NatGatewayId: 'nat gateway' },
    every: 60,
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html',
  },
];
