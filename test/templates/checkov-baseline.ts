/** What checkov finds and stays as it is, each with the reason; it may only shrink. */
export interface Answer {
  /** Checkov's id: https://www.checkov.io/5.Policy%20Index/cloudformation.html */
  readonly check: string;
  /** Of the resources that it is about. */
  readonly types: readonly string[];
  readonly reason: string;
}

const FUNCTION = ['AWS::Lambda::Function'];
const DATABASE = ['AWS::RDS::DBInstance'];
const BUCKET = ['AWS::S3::Bucket'];

export const BASELINE: readonly Answer[] = [
  {
    check: 'CKV_AWS_115',
    types: FUNCTION,
    reason:
      'Reserved concurrency is taken from the whole account; these functions run one at a time at a deployment, or once for a failed step.',
  },
  {
    check: 'CKV_AWS_116',
    types: FUNCTION,
    reason:
      'CloudFormation waits for the answer of a custom resource, and an alarm watches the errors of the restarter: a queue would have no reader.',
  },
  {
    check: 'CKV_AWS_117',
    types: FUNCTION,
    reason:
      "Interfaces of functions in a VPC linger for half an hour and hold up the destroy; only the one that must reach PostgreSQL has one. They call AWS' APIs over TLS.",
  },
  {
    check: 'CKV_AWS_173',
    types: FUNCTION,
    reason: "Lambda encrypts variables with AWS' own key, and these hold names and ARNs, never a secret.",
  },
  {
    check: 'CKV_AWS_118',
    types: DATABASE,
    reason: "Metadata of three services needs no figures by the second; CloudWatch's by the minute are free.",
  },
  {
    check: 'CKV_AWS_157',
    types: DATABASE,
    reason: 'dev saves the second instance; prod has it (a test holds both).',
  },
  {
    check: 'CKV_AWS_161',
    types: DATABASE,
    reason:
      "Druid, Airflow and Superset connect with a password of their own over verified TLS; IAM tokens last 15 minutes, and Druid's connection pool can not renew them.",
  },
  {
    check: 'CKV_AWS_149',
    types: ['AWS::SecretsManager::Secret'],
    reason:
      "Passwords are encrypted with AWS' key for Secrets Manager and read by one role each; the keys of certificates have the deployment's own key.",
  },
  {
    check: 'CKV_AWS_158',
    types: ['AWS::Logs::LogGroup'],
    reason:
      'CloudWatch encrypts logs with its own key; they hold counters and errors, no reading of a house and no secret.',
  },
  {
    check: 'CKV_AWS_18',
    types: BUCKET,
    reason: "The grid's own machines are the only readers and writers; access logs would cost more than they tell.",
  },
  {
    check: 'CKV_AWS_21',
    types: BUCKET,
    reason:
      'Spark and Druid write objects under new names and delete old ones by design: versions would keep every checkpoint and dropped segment, and keep a dev bucket from going.',
  },
  {
    check: 'CKV_AWS_88',
    types: ['AWS::EC2::Instance'],
    reason:
      "A NAT instance (network.nat: instance) is the way out of the private subnets, so it has a public address. Its security group lets in the VPC's own addresses only.",
  },
];
