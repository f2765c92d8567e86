/** What a deployment publishes: metric filters, CloudWatch agents, and AWS' services for the resources that it has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { execaSync } from 'execa';
import { z } from 'zod';

import { describeMetric, type WantedMetric } from '../../../rehearsal/metrics/wanted.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { stepSettings } from '../../../src/spark/step-settings.ts';
import { within } from '../synth.ts';
import { AWS_METRICS, type DimensionOf, KAFKA_LEVELS } from './aws-metrics.ts';
import type { Resolved } from './resolved.ts';

/** Seconds between two data points of what we publish: the agent's interval, and lines that come once a minute. */
const OWN_EVERY = 60;

/** What the streaming step runs. */
const STEP_SCRIPT = 'step.sh';

/** Why nothing publishes a metric, in one sentence; undefined when something does. */
export type Publishers = (metric: WantedMetric) => string | undefined;

export function publishers(resources: readonly Resolved[]): Publishers {
  const own = new Set([...filterMetrics(resources), ...agentMetrics(resources)]);
  const aws = awsPublishers(resources);
  return (metric) => {
    if (metric.namespace.startsWith('AWS/')) {
      return aws(metric);
    }
    if (!own.has(describeMetric(metric))) {
      return `nothing publishes ${describeMetric(metric)}`;
    }
    return tooShort(metric, OWN_EVERY);
  };
}

const tooShort = ({ period }: WantedMetric, every: number): string | undefined =>
  period < every ? `its period of ${period} s is shorter than the ${every} s between data points` : undefined;

const ofType = (resources: readonly Resolved[], type: string): readonly Resolved[] =>
  resources.filter((resource) => resource.type === type);

// ---- metric filters ------------------------------------------------------------

const filterSchema = z.object({
  LogGroupName: z.string(),
  MetricTransformations: z.array(
    z.object({
      MetricNamespace: z.string(),
      MetricName: z.string(),
      Dimensions: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
    }),
  ),
});

const monitoredSchema = z.object({
  MonitoringConfiguration: z.object({
    CloudWatchLogConfiguration: z.object({
      Enabled: z.literal(true),
      LogGroupName: z.string(),
      LogTypes: z.object({ STEP_LOGS: z.array(z.string()) }),
    }),
  }),
});

/** Metrics of filters on log groups that something of ours writes to. */
function filterMetrics(resources: readonly Resolved[]): string[] {
  const written = new Set([
    ...hosts(resources).map(({ LOG_GROUP }) => LOG_GROUP),
    ...ofType(resources, 'AWS::EMR::Cluster')
      .map(({ properties }) => monitoredSchema.parse(properties).MonitoringConfiguration.CloudWatchLogConfiguration)
      .filter(({ LogTypes }) => LogTypes.STEP_LOGS.includes('STDOUT'))
      .map(({ LogGroupName }) => LogGroupName),
  ]);
  return ofType(resources, 'AWS::Logs::MetricFilter')
    .map(({ properties }) => filterSchema.parse(properties))
    .filter(({ LogGroupName }) => written.has(LogGroupName))
    .flatMap(({ MetricTransformations }) => MetricTransformations)
    .map(({ MetricNamespace, MetricName, Dimensions }) => {
      // A dimension's value is a field of the line: whatever value is asked for may come.
      if (Dimensions.length > 0) {
        throw new Error(`${MetricName}: dimensions of metric filters are not followed by this check`);
      }
      return describeMetric({ namespace: MetricNamespace, name: MetricName, dimensions: {} });
    });
}

// ---- CloudWatch agents ---------------------------------------------------------

const launchTemplateSchema = z.object({ LaunchTemplateData: z.object({ UserData: z.string() }) });

const hostSchema = z.object({
  HOST_NAME: z.string(),
  HOST_ROLE: z.string(),
  LOG_GROUP: z.string(),
  METRIC_NAMESPACE: z.string(),
});

/** What each host is told in /etc/igrid/settings. */
function hosts(resources: readonly Resolved[]): z.output<typeof hostSchema>[] {
  return ofType(resources, 'AWS::EC2::LaunchTemplate').map(({ properties }) => {
    const { UserData } = launchTemplateSchema.parse(properties).LaunchTemplateData;
    return hostSchema.parse(
      Object.fromEntries([...UserData.matchAll(/^(?:.*')?([A-Z][A-Z0-9_]*)="([^"]*)"/gm)].map(([, ...pair]) => pair)),
    );
  });
}

const AGENT = join('rehearsal', 'agents', 'amazon-cloudwatch-agent', 'opt', 'aws', 'amazon-cloudwatch-agent', 'lib');

/** What Debian's image on AWS has at /. */
const MOUNTS = [{ device: 'nvme0n1p1', path: '/', fstype: 'ext4' }];

const agentSchema = z.object({ metrics: z.object({ namespace: z.string() }) });
const describedSchema = z.array(z.object({ name: z.string(), dimensions: z.record(z.string(), z.string()) }));

/** Metrics of the hosts' agents, by the rules of the agent's source (see the rehearsal's stand-in). */
function agentMetrics(resources: readonly Resolved[]): string[] {
  const configurations = hosts(resources).map((settings) =>
    renderedConfiguration(
      readFileSync(repositoryPath('ec2-userdata', 'common', 'cloudwatch-agent.json'), 'utf8'),
      settings,
    ),
  );
  const described = execaSync('python3', ['-B', '-m', 'cloudwatch_agent', 'describe'], {
    env: { PYTHONPATH: repositoryPath(AGENT) },
    input: configurations
      .map((configuration) => JSON.stringify({ configuration, mounts: MOUNTS, host_name: 'ip-10-0-0-1' }))
      .join('\n'),
  });
  return described.stdout.split('\n').flatMap((line, index) => {
    const { namespace } = agentSchema.parse(configurations[index]).metrics;
    return describedSchema.parse(JSON.parse(line)).map((metric) => describeMetric({ namespace, ...metric }));
  });
}

/** As ec2-userdata/common/install-agents.sh does it. */
function renderedConfiguration(template: string, settings: z.output<typeof hostSchema>): unknown {
  const rendered = Object.entries(settings).reduce(
    (text, [name, value]) => text.replaceAll(`@${name}@`, value),
    template,
  );
  return JSON.parse(rendered);
}

// ---- AWS' own services -----------------------------------------------------------

const clusterSchema = z.object({
  ClusterName: z.string(),
  NumberOfBrokerNodes: z.number(),
  EnhancedMonitoring: z.enum(KAFKA_LEVELS).default('DEFAULT'),
});
const topicSchema = z.object({ TopicName: z.string() });
/** All of a group's metrics: `Metrics` would name some. */
const groupMetricsSchema = z.object({
  MetricsCollection: z.array(z.strictObject({ Granularity: z.literal('1Minute') })).min(1),
});

/** Resources whose names are values of dimensions. */
const NAMED_BY: Readonly<Partial<Record<DimensionOf, string>>> = {
  'host group': 'AWS::AutoScaling::AutoScalingGroup',
  database: 'AWS::RDS::DBInstance',
  function: 'AWS::Lambda::Function',
  'job flow': 'AWS::EMR::Cluster',
  'nat gateway': 'AWS::EC2::NatGateway',
  rule: 'AWS::Events::Rule',
  'state machine': 'AWS::StepFunctions::StateMachine',
};

function awsPublishers(resources: readonly Resolved[]): Publishers {
  const clusters = ofType(resources, 'AWS::MSK::Cluster').map(({ properties }) => clusterSchema.parse(properties));
  const levels = clusters.map(({ EnhancedMonitoring }) => KAFKA_LEVELS.indexOf(EnhancedMonitoring));
  const groups = ofType(resources, 'AWS::AutoScaling::AutoScalingGroup');
  const measuredGroups = groups.filter(({ properties }) => groupMetricsSchema.safeParse(properties).success);

  const values = (dimension: DimensionOf, namespace: string): readonly string[] => {
    switch (dimension) {
      case 'kafka cluster':
        return clusters.map(({ ClusterName }) => ClusterName);
      case 'broker':
        return clusters.flatMap(({ NumberOfBrokerNodes }) =>
          Array.from({ length: NumberOfBrokerNodes }, (_, index) => String(index + 1)),
        );
      case 'topic':
        return ofType(resources, 'AWS::MSK::Topic').map(({ properties }) => topicSchema.parse(properties).TopicName);
      case 'consumer group':
        return consumerGroups(resources);
      case 'host group':
        // A group's own metrics are off until they are asked for; EC2's are not.
        return (namespace === 'AWS/AutoScaling' ? measuredGroups : groups).map(({ name }) => name);
      default:
        return ofType(resources, NAMED_BY[dimension] ?? '').map(({ name }) => name);
    }
  };

  return (metric) => {
    const { namespace, name, dimensions } = metric;
    const names = AWS_METRICS.filter((known) => known.namespace === namespace && known.names.includes(name));
    const asked = Object.keys(dimensions).sort().join(', ');
    const known = names.find((candidate) => Object.keys(candidate.dimensions).sort().join(', ') === asked);
    if (!known) {
      return `${namespace} publishes no ${name} by ${asked} that aws-metrics.ts knows: add it with its source`;
    }
    if (known.level && !levels.some((level) => level >= KAFKA_LEVELS.indexOf(known.level ?? 'DEFAULT'))) {
      return `${name} by ${asked} begins at the monitoring level ${known.level}`;
    }
    const wrong = Object.entries(known.dimensions).find(
      ([dimension, kind]) => !values(kind, namespace).includes(dimensions[dimension] ?? ''),
    );
    return wrong
      ? `${dimensions[wrong[0]]} is no ${wrong[1]} of the deployment for which ${namespace} publishes ${name}`
      : tooShort(metric, known.every);
  };
}

/** Groups in which the streaming step commits, by its settings: the argument behind its script. */
function consumerGroups(resources: readonly Resolved[]): string[] {
  return resources
    .flatMap(({ properties }) => within(properties, (value) => Array.isArray(value) && value.includes(STEP_SCRIPT)))
    .map((found) => {
      const words = z.array(z.string()).parse(found);
      return stepSettings
        .pick({ group: true })
        .strip()
        .parse(JSON.parse(words[words.indexOf(STEP_SCRIPT) + 1] ?? '')).group;
    });
}
