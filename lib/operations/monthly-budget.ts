import * as budgets from 'aws-cdk-lib/aws-budgets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';

export interface MonthlyBudgetProps {
  readonly config: GridConfig;
  readonly topic: sns.ITopic;
}

/**
 * What the deployment may cost in a month. It sees only what carries the tag `project`, and that only once somebody has
 * activated the tag as a cost allocation tag in the billing console (docs/operate/deploy.md): AWS has no other way.
 */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, { config, topic }: MonthlyBudgetProps) {
    super(scope, id);
    const notify = (
      notificationType: 'ACTUAL' | 'FORECASTED',
      threshold: number,
    ): budgets.CfnBudget.NotificationWithSubscribersProperty => ({
      notification: { notificationType, threshold, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' },
      subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
    });
    new budgets.CfnBudget(this, 'budget', {
      budget: {
        budgetName: `${config.name}-monthly`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: config.operations.monthlyBudgetUsd, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:project$${config.name}`] },
      },
      notificationsWithSubscribers: [notify('FORECASTED', 80), notify('ACTUAL', 100)],
    });
  }
}
