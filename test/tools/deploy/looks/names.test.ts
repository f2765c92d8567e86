import { DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import { GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListClustersV2Command, ListConfigurationsCommand } from '@aws-sdk/client-kafka';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { preflight } from '../../../../tools/deploy/preflight.ts';
import { DEPLOYMENTS } from '../../../support/deployments.ts';
import { type FreshAccount, freshAccount, haveStack, PLACE } from '../../../support/fresh-account.ts';

const SEED = DEPLOYMENTS.seed();
const CLUSTER = 'arn:aws:kafka:eu-central-1:123456789012:cluster/igrid/0f6e9a2c-1';
const CONFIGURATION = 'arn:aws:kafka:eu-central-1:123456789012:configuration/igrid-kafka/1';
const LOG_GROUP = '/aws/rds/instance/igrid-metadata/postgresql';

let account: FreshAccount;
beforeEach(() => {
  account = freshAccount();
});
afterEach(() => account.restore());

/** What is left of a prod deployment, each with what an operator must read. */
const LEFTOVERS: readonly [string, (account: FreshAccount) => void, string, string][] = [
  [
    'an RDS instance',
    ({ rds }) =>
      rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'igrid-metadata' }).resolves({
        DBInstances: [{ DBInstanceIdentifier: 'igrid-metadata', DBInstanceStatus: 'available' }],
      }),
    'igrid-metadata',
    'aws rds delete-db-instance --final-db-snapshot-identifier igrid-metadata-last --db-instance-identifier igrid-metadata --region eu-central-1',
  ],
  [
    'a log group, in the second page',
    ({ logs }) =>
      logs
        .on(DescribeLogGroupsCommand)
        .resolves({ logGroups: [{ logGroupName: LOG_GROUP }] })
        .on(DescribeLogGroupsCommand, { nextToken: undefined })
        .resolves({ logGroups: [{ logGroupName: `${LOG_GROUP}.old` }], nextToken: '2' }),
    LOG_GROUP,
    `aws logs delete-log-group --log-group-name ${LOG_GROUP} --region eu-central-1`,
  ],
  [
    'an MSK cluster, in the second page',
    ({ kafka }) =>
      kafka
        .on(ListClustersV2Command)
        .resolves({ ClusterInfoList: [{ ClusterName: 'igrid', ClusterArn: CLUSTER, State: 'ACTIVE' }] })
        .on(ListClustersV2Command, { NextToken: undefined })
        .resolves({ ClusterInfoList: [{ ClusterName: 'igrid-north', ClusterArn: 'arn:2' }], NextToken: '2' }),
    CLUSTER,
    `aws kafka delete-cluster --cluster-arn ${CLUSTER} --region eu-central-1`,
  ],
  [
    'a configuration of MSK',
    ({ kafka }) =>
      kafka.on(ListConfigurationsCommand).resolves({
        Configurations: [
          {
            ...{ Name: 'igrid-kafka', Arn: CONFIGURATION, State: 'ACTIVE', CreationTime: new Date(0) },
            ...{ Description: '', KafkaVersions: [], LatestRevision: undefined },
          },
        ],
      }),
    CONFIGURATION,
    `aws kafka delete-configuration --arn ${CONFIGURATION} --region eu-central-1`,
  ],
  [
    'a dashboard',
    ({ cloudWatch }) =>
      cloudWatch
        .on(GetDashboardCommand, { DashboardName: 'igrid-hosts' })
        .resolves({ DashboardName: 'igrid-hosts', DashboardBody: '{}' }),
    'igrid-hosts',
    'aws cloudwatch delete-dashboards --dashboard-names igrid-hosts --region eu-central-1',
  ],
  [
    'a function',
    ({ lambda }) =>
      lambda
        .on(GetFunctionConfigurationCommand, { FunctionName: 'igrid-stage-file' })
        .resolves({ FunctionName: 'igrid-stage-file' }),
    'igrid-stage-file',
    'aws lambda delete-function --function-name igrid-stage-file --region eu-central-1',
  ],
  [
    'a budget',
    ({ budgets }) =>
      budgets.on(DescribeBudgetCommand, { BudgetName: 'igrid-monthly' }).resolves({
        Budget: { BudgetName: 'igrid-monthly', TimeUnit: 'MONTHLY', BudgetType: 'COST' },
      }),
    'igrid-monthly',
    'aws budgets delete-budget --account-id 123456789012 --budget-name igrid-monthly --region eu-central-1',
  ],
];

test.each(LEFTOVERS)(
  '%s of an earlier deployment stops with the command that deletes it',
  async (_, have, _id, command) => {
    have(account);
    expect(await preflight(SEED, PLACE)).toEqual([{ kind: 'problem', text: expect.stringContaining(command) }]);
  },
);

test.each(LEFTOVERS)("%s that the deployment's own stack holds is no problem", async (_, have, physicalId) => {
  have(account);
  haveStack(account, 'igrid-foundation', 'CREATE_COMPLETE', { resources: [physicalId] });
  expect(await preflight(SEED, PLACE)).toEqual([]);
});

test('an instance that is still being deleted asks for patience, not for a command', async () => {
  account.rds.on(DescribeDBInstancesCommand).resolves({
    DBInstances: [{ DBInstanceIdentifier: 'igrid-metadata', DBInstanceStatus: 'deleting' }],
  });
  expect(await preflight(SEED, PLACE)).toEqual([
    {
      kind: 'problem',
      text: expect.stringMatching(/igrid-metadata .*still being deleted \(deleting\): deploy again when it is gone/),
    },
  ]);
});
