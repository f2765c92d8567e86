import type { Check } from '../candidate.ts';
import { applicationAutoScaling } from './application-auto-scaling.ts';
import { autoScaling } from './auto-scaling.ts';
import { budgets } from './budgets.ts';
import { cloudFormation } from './cloudformation.ts';
import { cloudWatch } from './cloudwatch.ts';
import { ec2Machines } from './ec2-machines.ts';
import { ec2Network } from './ec2-network.ts';
import { emr } from './emr.ts';
import { eventBridge } from './eventbridge.ts';
import { iam } from './iam.ts';
import { kms } from './kms.ts';
import { lambda } from './lambda.ts';
import { logs } from './logs.ts';
import { msk } from './msk.ts';
import { rds } from './rds.ts';
import { route53 } from './route53.ts';
import { s3 } from './s3.ts';
import { secrets } from './secrets.ts';
import { sns } from './sns.ts';
import { ssm } from './ssm.ts';
import { stepFunctions } from './step-functions.ts';
import { tagged } from './tagged.ts';

/** Every check, by the name of its service. */
export const CHECKS: Readonly<Record<string, Check>> = {
  CloudFormation: cloudFormation,
  'EC2 machines': ec2Machines,
  'EC2 network': ec2Network,
  'Auto Scaling': autoScaling,
  'Application Auto Scaling': applicationAutoScaling,
  EMR: emr,
  MSK: msk,
  RDS: rds,
  S3: s3,
  'Secrets Manager': secrets,
  KMS: kms,
  'CloudWatch Logs': logs,
  CloudWatch: cloudWatch,
  Lambda: lambda,
  'Step Functions': stepFunctions,
  'Systems Manager': ssm,
  'Route 53': route53,
  SNS: sns,
  Budgets: budgets,
  IAM: iam,
  EventBridge: eventBridge,
  'anything tagged': tagged,
};
