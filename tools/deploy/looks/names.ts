/** Names that something else has already: what an earlier deployment in prod kept, or what was made by hand. */
import { BudgetsClient, DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import { CloudWatchClient, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { KafkaClient, paginateListClustersV2, paginateListConfigurations } from '@aws-sdk/client-kafka';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';

import { isNamed } from '../../deployment/aws-errors.ts';
import { type FixedName, fixedNames } from '../requirements.ts';
import { clientOf, collected } from './clients.ts';
import { type Finding, type Look, type LookScope, problem } from './look.ts';

/** Something that has a name. */
interface Holder {
  /** As CloudFormation knows it. */
  readonly physicalId: string;
  /** In the service's words; empty when it has none. */
  readonly state: string;
}

interface NamedType {
  /** For the operator. */
  readonly what: string;
  readonly actions: readonly string[];
  readonly find: (name: string, scope: LookScope) => Promise<Holder | undefined>;
  /** The command that deletes it, without the region. */
  readonly remove: (name: string, holder: Holder, scope: LookScope) => string;
}

/** By CloudFormation's type; a type of `fixedNames` that is missing here does not compile into a look (see `typeOf`). */
const TYPES: Readonly<Record<string, NamedType>> = {
  'AWS::RDS::DBInstance': {
    what: 'RDS instance',
    actions: ['rds:DescribeDBInstances'],
    find: async (name, { region }) => {
      const client = new RDSClient(clientOf(region));
      const { DBInstances: [found] = [] } = await orNothing(
        client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: name })),
        'DBInstanceNotFoundFault',
        'DBInstanceNotFound',
      );
      return found && { physicalId: name, state: found.DBInstanceStatus ?? '' };
    },
    remove: (name) =>
      `aws rds modify-db-instance --no-deletion-protection --apply-immediately --db-instance-identifier ${name} && ` +
      `aws rds delete-db-instance --final-db-snapshot-identifier ${name}-last --db-instance-identifier ${name}`,
  },
  'AWS::Logs::LogGroup': {
    what: 'log group',
    actions: ['logs:DescribeLogGroups'],
    find: async (name, { region }) => {
      const client = new CloudWatchLogsClient(clientOf(region));
      const groups = await collected(
        paginateDescribeLogGroups({ client }, { logGroupNamePrefix: name }),
        ({ logGroups }) => logGroups,
      );
      return groups.some(({ logGroupName }) => logGroupName === name) ? { physicalId: name, state: '' } : undefined;
    },
    remove: (name) => `aws logs delete-log-group --log-group-name ${name}`,
  },
  'AWS::Lambda::Function': {
    what: 'Lambda function',
    actions: ['lambda:GetFunctionConfiguration'],
    find: async (name, { region }) => {
      const client = new LambdaClient(clientOf(region));
      const { State, FunctionName } = await orNothing(
        client.send(new GetFunctionConfigurationCommand({ FunctionName: name })),
        'ResourceNotFoundException',
      );
      return FunctionName === undefined ? undefined : { physicalId: name, state: State ?? '' };
    },
    remove: (name) => `aws lambda delete-function --function-name ${name}`,
  },
  'AWS::MSK::Cluster': {
    what: 'MSK cluster',
    actions: ['kafka:ListClustersV2'],
    find: async (name, { region }) => {
      const client = new KafkaClient(clientOf(region));
      const clusters = await collected(
        paginateListClustersV2({ client }, { ClusterNameFilter: name }),
        ({ ClusterInfoList }) => ClusterInfoList,
      );
      const found = clusters.find(({ ClusterName }) => ClusterName === name);
      return found && { physicalId: found.ClusterArn ?? '', state: found.State ?? '' };
    },
    remove: (_, { physicalId }) => `aws kafka delete-cluster --cluster-arn ${physicalId}`,
  },
  'AWS::MSK::Configuration': {
    what: 'MSK configuration',
    actions: ['kafka:ListConfigurations'],
    find: async (name, { region }) => {
      const client = new KafkaClient(clientOf(region));
      const configurations = await collected(
        paginateListConfigurations({ client }, {}),
        ({ Configurations }) => Configurations,
      );
      const found = configurations.find(({ Name }) => Name === name);
      return found && { physicalId: found.Arn ?? '', state: found.State ?? '' };
    },
    remove: (_, { physicalId }) => `aws kafka delete-configuration --arn ${physicalId}`,
  },
  'AWS::CloudWatch::Dashboard': {
    what: 'CloudWatch dashboard',
    actions: ['cloudwatch:GetDashboard'],
    find: async (name, { region }) => {
      const client = new CloudWatchClient(clientOf(region));
      const { DashboardName } = await orNothing(
        client.send(new GetDashboardCommand({ DashboardName: name })),
        'DashboardNotFoundError',
        'ResourceNotFound',
      );
      return DashboardName === undefined ? undefined : { physicalId: name, state: '' };
    },
    remove: (name) => `aws cloudwatch delete-dashboards --dashboard-names ${name}`,
  },
  'AWS::Budgets::Budget': {
    what: 'budget',
    actions: ['budgets:ViewBudget'],
    find: async (name, { account, region }) => {
      const client = new BudgetsClient(clientOf(region));
      const { Budget } = await orNothing(
        client.send(new DescribeBudgetCommand({ AccountId: account, BudgetName: name })),
        'NotFoundException',
      );
      return Budget && { physicalId: name, state: '' };
    },
    remove: (name, _, { account }) => `aws budgets delete-budget --account-id ${account} --budget-name ${name}`,
  },
};

/** One look for each type, so that a permission that is missing for one leaves the others. */
export const nameLooks: readonly Look[] = Object.entries(TYPES).map(([type, { what, actions }]) => ({
  about: `whether the name of the ${what} is free`,
  actions: ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources', ...actions],
  look: async (scope) => {
    const names = fixedNames(scope.config).filter((fixed) => fixed.type === type);
    const findings = await Promise.all(names.map((fixed) => lookFor(fixed, scope)));
    return findings.flat();
  },
}));

/** Types that a look exists for; a test holds `fixedNames` to it. */
export const TYPES_LOOKED_FOR: readonly string[] = Object.keys(TYPES);

async function lookFor({ type, name }: FixedName, scope: LookScope): Promise<Finding[]> {
  const named = TYPES[type];
  if (!named) {
    throw new Error(`no look knows the type ${type}`);
  }
  const holder = await named.find(name, scope);
  if (!holder) {
    return [];
  }
  const own = await scope.facts.resources();
  if (own.has(holder.physicalId) || own.has(name)) {
    return [];
  }
  const state = holder.state === '' ? '' : ` (${holder.state})`;
  if (/^delet/i.test(holder.state)) {
    return [
      problem(
        `the ${named.what} ${name} of an earlier deployment is still being deleted${state}: deploy again when it is gone`,
      ),
    ];
  }
  const command = named.remove(name, holder, scope).replaceAll(' && ', ` --region ${scope.region} && `);
  return [
    problem(
      `there is a ${named.what} ${name}${state} that no stack of ${scope.config.name} holds: choose another "name" in the ` +
        `configuration, or delete it, with its data: ${command} --region ${scope.region}`,
    ),
  ];
}

/** An answer, or an empty one where the service says that there is no such thing. */
async function orNothing<T extends object>(answer: Promise<T>, ...notFound: readonly string[]): Promise<Partial<T>> {
  try {
    return await answer;
  } catch (error) {
    if (isNamed(error, ...notFound)) {
      return {};
    }
    throw error;
  }
}
