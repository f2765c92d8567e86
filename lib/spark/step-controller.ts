import { type CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

import { RESTARTS_PER_HOUR, STATE_PARAMETER, STEP_NAME } from '../../lambda/spark/step-controller/names.ts';
import { INITIAL_STATE } from '../../lambda/spark/step-controller/state.ts';
import type { GridConfig } from '../config/schema.ts';
import { GridFunction } from '../lambdas/grid-function.ts';
import { ResourceProvider } from '../lambdas/resource-provider.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';

export interface StepControllerProps {
  readonly config: GridConfig;
  readonly clusterId: string;
  readonly stepArguments: readonly string[];
}

/** Keeps exactly one streaming step running: changes it at deployments, starts it again when it fails. */
export class StepController extends Construct {
  /** Depended upon by nothing; depends on the cluster by its id. */
  readonly step: CustomResource;
  /** Its errors mean that restarts no longer help. */
  readonly restarter: GridFunction;

  constructor(scope: Construct, id: string, props: StepControllerProps) {
    super(scope, id);
    const { config, clusterId, stepArguments } = props;
    const state = new ssm.StringParameter(this, 'state', {
      description: `${config.name}: the streaming step that should run`,
      stringValue: JSON.stringify(INITIAL_STATE),
    });
    const environment = { [STATE_PARAMETER]: state.parameterName };
    const clusterArn = Stack.of(this).formatArn({
      service: 'elasticmapreduce',
      resource: 'cluster',
      resourceName: clusterId,
    });

    const onEvent = new GridFunction(this, 'on-event', {
      config,
      folder: 'spark/step-controller',
      handler: 'onEvent',
      description: 'Begins to change the streaming step',
      timeout: Duration.minutes(1),
      environment,
    });
    state.grantWrite(onEvent);
    const isComplete = new GridFunction(this, 'is-complete', {
      config,
      folder: 'spark/step-controller',
      handler: 'isComplete',
      description: 'Cancels, waits, submits: until the one desired step runs',
      timeout: Duration.minutes(1),
      environment,
    });
    state.grantWrite(isComplete);
    // Every cluster of the account and region: an update may have to end the step of the cluster that is replaced.
    const anyCluster = Stack.of(this).formatArn({
      service: 'elasticmapreduce',
      resource: 'cluster',
      resourceName: '*',
    });
    grantSteps(isComplete, anyCluster, ['elasticmapreduce:CancelSteps']);
    acceptNagFindings(this, {
      'AwsSolutions-IAM5[Resource::arn:*]':
        'The id of a cluster that is being replaced is known at the time of the update only.',
    });
    const provider = new ResourceProvider(this, 'provider', {
      config,
      onEvent,
      isComplete,
      interval: Duration.seconds(15),
      timeout: Duration.minutes(20),
    });
    this.step = provider.resource('step', 'StreamingStep', { ClusterId: clusterId, StepArguments: stepArguments });

    this.restarter = new GridFunction(this, 'restarter', {
      config,
      folder: 'spark/step-restarter',
      description: 'Starts a failed streaming step again',
      timeout: Duration.minutes(1),
      environment: { ...environment, [RESTARTS_PER_HOUR]: String(config.spark.restartsPerHour) },
    });
    state.grantRead(this.restarter);
    grantSteps(this.restarter, clusterArn, []);
    new events.Rule(this, 'failed', {
      description: 'The streaming step failed: FAILED only, a cancelled step is meant to be gone',
      eventPattern: {
        source: ['aws.emr'],
        detailType: ['EMR Step Status Change'],
        detail: { state: ['FAILED'], clusterId: [clusterId], name: [STEP_NAME] },
      },
      targets: [new targets.LambdaFunction(this.restarter, { retryAttempts: 2, maxEventAge: Duration.minutes(30) })],
    });
  }
}

function grantSteps(grantee: GridFunction, clusterArn: string, more: readonly string[]): void {
  grantee.addToRolePolicy(
    new iam.PolicyStatement({
      actions: [
        'elasticmapreduce:AddJobFlowSteps',
        'elasticmapreduce:DescribeCluster',
        'elasticmapreduce:ListSteps',
        ...more,
      ],
      resources: [clusterArn],
    }),
  );
}
