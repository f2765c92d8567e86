import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { logRetention } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import type { Host } from '../hosts/host.ts';
import { type AlarmDefinition, metricOf } from './alarm.ts';

/** An alarm rings at this many replacements of one host ... */
const REPLACEMENTS = 2;
/** ... within this time: two failed first boots at their time limit fit in, and so do two ends by the watchdog. */
const WINDOW = Duration.hours(2);
const PERIOD = Duration.minutes(5);

/**
 * Why Auto Scaling ends an instance that was not running, or failed EC2's checks; not those that a deployment replaces.
 * https://repost.aws/knowledge-center/auto-scaling-instance-how-terminated
 */
const CAUSES = ['*EC2 health check*', '*EC2 instance status check*'];

export interface ReplacementsProps {
  readonly config: GridConfig;
  readonly hosts: readonly Host[];
}

/**
 * Counts how often each host is replaced because it was not running. Auto Scaling tells EventBridge; nothing of it needs
 * the host, which may have failed before it could say anything.
 */
export class Replacements extends Construct {
  /** The history of all hosts, each event as Auto Scaling sent it. */
  readonly log: logs.LogGroup;
  readonly #rules: ReadonlyMap<Host, events.Rule>;

  constructor(scope: Construct, id: string, { config, hosts }: ReplacementsProps) {
    super(scope, id);
    this.log = new logs.LogGroup(this, 'log', {
      // The console offers EventBridge only log groups below /aws/events.
      logGroupName: `/aws/events/${config.name}/replacements`,
      retention: logRetention(config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.log.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [
          new iam.ServicePrincipal('events.amazonaws.com'),
          new iam.ServicePrincipal('delivery.logs.amazonaws.com'),
        ],
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.log.logGroupArn],
      }),
    );
    this.#rules = new Map(hosts.map((host) => [host, this.#rule(host)]));
  }

  /** One for each host. */
  get alarms(): AlarmDefinition[] {
    return [...this.#rules].map(([host, rule]) => ({
      id: `${host.label}-replaced`,
      what: `The host ${host.label} was replaced at least twice within ${WINDOW.toHours()} hours because it was not running.`,
      section: 'host-replaced',
      metric: invocations(rule),
      threshold: 0,
      periods: REPLACEMENTS,
      within: WINDOW.toSeconds() / PERIOD.toSeconds(),
      // EventBridge counts only what it matches.
      silence: 'rare',
    }));
  }

  #rule({ label, group }: Host): events.Rule {
    return new events.Rule(this, label, {
      description: `An instance of ${label} was not running and is replaced`,
      eventPattern: {
        source: ['aws.autoscaling'],
        detailType: ['EC2 Instance Terminate Successful'],
        detail: {
          AutoScalingGroupName: [group.autoScalingGroupName],
          Cause: CAUSES.flatMap((cause) => events.Match.wildcard(cause)),
        },
      },
      // The target of the CDK would add a function of its own for the policy of the log group.
      targets: [{ bind: () => ({ arn: logGroupTarget(this.log) }) }],
    });
  }
}

/** How often EventBridge gave a rule's event to its target. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html */
function invocations(rule: events.Rule): cloudwatch.Metric {
  return metricOf('AWS/Events', 'Invocations', { RuleName: rule.ruleName }, 'Sum', PERIOD);
}

/** Without the `:*` at the end of a log group's ARN, as EventBridge wants it. */
function logGroupTarget(log: logs.LogGroup): string {
  return Stack.of(log).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: log.logGroupName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
