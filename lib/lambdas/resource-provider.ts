import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';

import { logRetention } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';
import { functionRole } from './function-role.ts';
import type { GridFunction } from './grid-function.ts';

export interface ResourceProviderProps {
  readonly config: GridConfig;
  readonly onEvent: GridFunction;
  /** Asked again and again after `onEvent` until it answers yes. @default - `onEvent` does it all */
  readonly isComplete?: GridFunction;
  /** From one question to the next. @default 10 s */
  readonly interval?: Duration;
  /** @default 30 min */
  readonly timeout?: Duration;
  /** Of the function that CloudFormation calls: resources of other stacks name it. @default made up by CloudFormation */
  readonly functionName?: string;
}

/** CDK's framework of custom resources, its own functions' logs and roles kept as tidy as ours. */
export class ResourceProvider extends Construct {
  readonly #provider: Provider;

  constructor(scope: Construct, id: string, props: ResourceProviderProps) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'log', {
      retention: logRetention(props.config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#provider = new Provider(this, 'framework', {
      onEventHandler: props.onEvent,
      frameworkOnEventRole: functionRole(this, 'on-event-role', { logGroup }),
      logGroup,
      ...(props.functionName === undefined ? {} : { providerFunctionName: props.functionName }),
      ...(props.isComplete
        ? {
            isCompleteHandler: props.isComplete,
            frameworkCompleteAndTimeoutRole: functionRole(this, 'is-complete-role', { logGroup }),
            queryInterval: props.interval ?? Duration.seconds(10),
            totalTimeout: props.timeout ?? Duration.minutes(30),
          }
        : {}),
    });
    acceptNagFindings(this, {
      'AwsSolutions-IAM5[Resource::<*]': "The framework may call any version of our functions: its grants end in ':*'.",
    });
    if (props.isComplete) {
      acceptNagFindings(this, {
        'AwsSolutions-SF1': 'The waiter only asks again; what it asks logs in its own group.',
        'AwsSolutions-SF2': 'The waiter only asks again; tracing it shows nothing.',
      });
    }
  }

  /** @param properties arrive as strings, whatever they are. */
  resource(id: string, type: string, properties: Readonly<Record<string, unknown>>): CustomResource {
    return new CustomResource(this, id, {
      serviceToken: this.#provider.serviceToken,
      resourceType: `Custom::${type}`,
      properties: { ...properties },
    });
  }
}
