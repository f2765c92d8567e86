import type { Candidate } from './candidate.ts';

/** Types that CloudFormation has no name for, and a state that Secrets Manager has none for. */
export const SERVICE_LINKED_ROLE = 'AWS::IAM::ServiceLinkedRole';
export const METRICS = 'CloudWatch metrics';
export const PENDING_DELETION = 'PendingDeletion';

/** What a destroy may leave behind, and why. */
export interface Allowance {
  /** For the reader of the scan's report. */
  readonly reason: string;
  readonly holds: (candidate: Candidate) => boolean;
  /** Not the deployment's own but the account's: reported all the same. @default false */
  readonly isShared?: boolean;
}

/** CDK's own stack and bucket, which all apps of the account and region share; `hnb659fds` unless somebody chose another. */
const BOOTSTRAP_STACK = 'CDKToolkit';
const BOOTSTRAP_NAME = /^cdk-[a-z0-9]{1,10}-/;

/** What every destroy leaves: nothing of it costs, or it is not the deployment's own. */
export const ALLOWED: readonly Allowance[] = [
  {
    reason: "CDK's bootstrap and its assets: shared by every CDK app of the account and region",
    holds: ({ type, id }) =>
      (type === 'AWS::CloudFormation::Stack' && id === BOOTSTRAP_STACK) ||
      (type === 'AWS::S3::Bucket' && BOOTSTRAP_NAME.test(id)),
    isShared: true,
  },
  {
    reason: 'a service-linked role: one for the whole account, which AWS makes for a service and may need again',
    holds: ({ type }) => type === SERVICE_LINKED_ROLE,
    isShared: true,
  },
  {
    reason: 'KMS keeps a deleted key for a week or more before it goes, at no cost',
    holds: ({ type, state }) => type === 'AWS::KMS::Key' && state === 'PendingDeletion',
  },
  {
    reason: 'Secrets Manager keeps a deleted secret for its recovery window, at no cost',
    holds: ({ type, state }) => type === 'AWS::SecretsManager::Secret' && state === PENDING_DELETION,
  },
  {
    reason:
      'CloudWatch can not delete metrics: they expire after 15 months at most, at no cost once nothing writes them',
    holds: ({ type }) => type === METRICS,
  },
];

/**
 * What the profile prod keeps on purpose, by type: data, and what they can't be without. A test holds this list to what
 * the templates retain.
 */
export const RETAINED_IN_PROD: Readonly<Record<string, string>> = {
  'AWS::MSK::Cluster': 'the messages of the last hours',
  'AWS::MSK::Configuration': 'the brokers use it',
  'AWS::RDS::DBInstance': "Druid's, Airflow's and Superset's metadata",
  'AWS::RDS::DBParameterGroup': 'the metadata database uses it',
  'AWS::RDS::DBSubnetGroup': 'the metadata database is in it',
  'AWS::S3::Bucket': 'checkpoint and deep storage',
  'AWS::SecretsManager::Secret': "the master's and the tenants' passwords for the metadata database",
};
