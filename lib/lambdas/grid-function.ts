import { join } from 'node:path';

import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

import { buildFolder } from '../assets/build-folder.ts';
import { bundle } from '../assets/bundle.ts';
import { logRetention } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import { functionRole } from './function-role.ts';

export interface GridFunctionProps {
  readonly config: GridConfig;
  /** A folder below lambda/, such as `spark/step-controller`: its handler.ts is bundled. */
  readonly folder: string;
  /** The export of handler.ts that is called. @default handler */
  readonly handler?: string;
  readonly description: string;
  readonly timeout: Duration;
  /** @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** MB. @default 256 */
  readonly memorySize?: number;
  /** Only for what can't be reached otherwise: its network interfaces linger for up to half an hour. @default outside of any VPC */
  readonly vpc?: { readonly vpc: ec2.IVpc; readonly securityGroup: ec2.ISecurityGroup };
}

/** A function of ours: bundled here, with a role and a log group of its own that go with the stack. */
export class GridFunction extends lambda.Function {
  constructor(scope: Construct, id: string, props: GridFunctionProps) {
    const logGroup = new logs.LogGroup(scope, `${id}-log`, {
      retention: logRetention(props.config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundled(props.folder)),
      handler: `index.${props.handler ?? 'handler'}`,
      timeout: props.timeout,
      memorySize: props.memorySize ?? 256,
      role: functionRole(scope, `${id}-role`, { logGroup, isInVpc: props.vpc !== undefined }),
      logGroup,
      ...(props.environment ? { environment: { ...props.environment } } : {}),
      ...(props.vpc ? { vpc: props.vpc.vpc, securityGroups: [props.vpc.securityGroup] } : {}),
    });
  }
}

const folders = new Map<string, string>();

/** The folder with a handler's bundle; made once in a process. */
function bundled(folder: string): string {
  let target = folders.get(folder);
  if (target === undefined) {
    target = join(buildFolder(), 'lambda', folder);
    bundle({ entry: `lambda/${folder}/handler.ts`, outfile: join(target, 'index.js') });
    folders.set(folder, target);
  }
  return target;
}
