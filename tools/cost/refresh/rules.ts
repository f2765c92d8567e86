/** Where in AWS' price list each price of tools/cost/prices.json stands. */

export interface PriceRule {
  /** Service in AWS' words: the offer whose file has the price. */
  readonly offer: string;
  /** How the usage type ends; in some regions a prefix such as USE1- or EUC1- stands before it. */
  readonly usageType: string;
  /** Values that other columns have. */
  readonly where?: Readonly<Record<string, string>>;
  /** What the listed price is multiplied by. @default 1 */
  readonly times?: number;
}

const SHARED_LINUX = {
  operation: 'RunInstances',
  Tenancy: 'Shared',
  'Operating System': 'Linux',
  'Pre Installed S/W': 'NA',
  CapacityStatus: 'Used',
} as const;

const FIXED: Readonly<Record<string, PriceRule>> = {
  'nat/gateway': { offer: 'AmazonEC2', usageType: 'NatGateway-Hours', where: { operation: 'NatGateway' } },
  'nat/gb': { offer: 'AmazonEC2', usageType: 'NatGateway-Bytes', where: { operation: 'NatGateway' } },
  'vpc/public-ipv4': { offer: 'AmazonVPC', usageType: 'PublicIPv4:InUseAddress' },
  'ebs/gp3-gib': { offer: 'AmazonEC2', usageType: 'EBS:VolumeUsage.gp3' },
  'msk/storage-gib': { offer: 'AmazonMSK', usageType: 'Kafka.Storage.GP2' },
  'rds/storage-gib': {
    offer: 'AmazonRDS',
    usageType: 'RDS:GP3-Storage',
    where: { 'Database Engine': 'PostgreSQL', 'Deployment Option': 'Single-AZ' },
  },
  'rds/backup-gib': {
    offer: 'AmazonRDS',
    usageType: 'RDS:ChargedBackupUsage',
    where: { 'Database Engine': 'PostgreSQL' },
  },
  's3/storage-gb': {
    offer: 'AmazonS3',
    usageType: 'TimedStorage-ByteHrs',
    where: { 'Storage Class': 'General Purpose' },
  },
  's3/put': { offer: 'AmazonS3', usageType: 'Requests-Tier1' },
  's3/get': { offer: 'AmazonS3', usageType: 'Requests-Tier2' },
  // Listed for one direction; both are charged.
  'traffic/cross-zone-gb': { offer: 'AWSDataTransfer', usageType: 'DataTransfer-Regional-Bytes', times: 2 },
  'kms/key': { offer: 'awskms', usageType: 'KMS-Keys' },
  'secretsmanager/secret': { offer: 'AWSSecretsManager', usageType: 'AWSSecretsManager-Secrets' },
  'route53/zone': { offer: 'AmazonRoute53', usageType: 'HostedZone' },
  'cloudwatch/alarm': { offer: 'AmazonCloudWatch', usageType: 'CW:AlarmMonitorUsage' },
  'cloudwatch/dashboard': { offer: 'AmazonCloudWatch', usageType: 'DashboardsUsageHour' },
  'cloudwatch/metric': { offer: 'AmazonCloudWatch', usageType: 'CW:MetricMonitorUsage' },
  'cloudwatch/log-gb': {
    offer: 'AmazonCloudWatch',
    usageType: 'DataProcessing-Bytes',
    where: { operation: 'PutLogEvents' },
  },
};

/** @returns undefined for a price that has not been looked up in the list. */
export function ruleOf(price: string): PriceRule | undefined {
  const [service, type = ''] = price.split('/');
  if (Object.hasOwn(FIXED, price)) {
    return FIXED[price];
  }
  switch (service) {
    case 'ec2':
      return { offer: 'AmazonEC2', usageType: `BoxUsage:${type}`, where: SHARED_LINUX };
    case 'emr':
      return { offer: 'ElasticMapReduce', usageType: `BoxUsage:${type}` };
    case 'msk':
      return { offer: 'AmazonMSK', usageType: type.replace(/^kafka/, 'Kafka') };
    case 'rds':
      return {
        offer: 'AmazonRDS',
        usageType: `InstanceUsage:db.${type}`,
        where: { 'Database Engine': 'PostgreSQL', 'Deployment Option': 'Single-AZ' },
      };
    default:
      return undefined;
  }
}
