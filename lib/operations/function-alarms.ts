import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

import { GridFunction } from '../lambdas/grid-function.ts';
import type { AlarmDefinition } from './alarm.ts';

/** Of each function of ours in the app, but for those whose errors another alarm is made of. */
export function functionAlarms(app: IConstruct, others: readonly GridFunction[]): AlarmDefinition[] {
  return app.node
    .findAll()
    .filter((construct) => construct instanceof GridFunction)
    .filter((construct) => !others.includes(construct))
    .map((construct): AlarmDefinition => ({
      id: `${construct.node.path.replaceAll('/', '-')}-errors`,
      what: `The function ${construct.node.path} has failed.`,
      section: 'function-errors',
      metric: construct.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: 0,
      periods: 1,
      // Lambda publishes errors of invocations, and most functions are invoked at deployments only.
      silence: 'rare',
    }));
}
