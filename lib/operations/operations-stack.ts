import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';
import type { DutyCycleStack } from '../duty-cycle/duty-cycle-stack.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import { GridStack } from '../grid-stack.ts';
import type { OlapStack } from '../olap/olap-stack.ts';
import type { ReplayStack } from '../replay/replay-stack.ts';
import { addAlarm, type AlarmDefinition, metricOf } from './alarm.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { brokerMetric, clusterMetric, type ProgramMetrics, programMetrics, sparkLag } from './grid-metrics.ts';
import { MonthlyBudget } from './monthly-budget.ts';
import { olapAlarms, type OlapMetrics, olapMetrics } from './olap-alarms.ts';

export interface OperationsStackProps {
  readonly config: GridConfig;
  readonly foundation: FoundationStack;
  readonly dutyCycle: DutyCycleStack;
  readonly olap: OlapStack;
  readonly replay: ReplayStack;
}

/** Spark may be behind by this many minutes' worth of its largest batch before somebody is told. */
const LAG_BATCHES = 2;

const GIB = 1_073_741_824;

/** What watches the rest: alarms that name their cure, dashboards, a Budget. */
export class OperationsStack extends GridStack {
  constructor(scope: Construct, props: OperationsStackProps) {
    const { config } = props;
    super(scope, 'operations', { config, description: 'iGrid: alarms, dashboards, budget' });
    const { topic, action } = new AlarmTopic(this, 'alarms', { config, key: props.foundation.key });
    const metrics = programMetrics(this, config, props.dutyCycle, props.replay);
    const druid = olapMetrics(this, config, props.olap);
    const definitions = [
      ...streamAlarms(config),
      ...jobAlarms(config, props.dutyCycle, metrics),
      ...olapAlarms(config, props.olap, druid),
      ...hostAlarms(props, metrics),
    ];
    for (const definition of definitions) {
      addAlarm(this, config.name, action, definition);
    }
    new MonthlyBudget(this, 'budget', { config, topic });
    this.#dashboards(config, metrics, druid);
  }

  #dashboards(config: GridConfig, metrics: ProgramMetrics, druid: OlapMetrics): void {
    const graph = (title: string, left: cloudwatch.IMetric[], label: string): cloudwatch.GraphWidget =>
      new cloudwatch.GraphWidget({ title, left, width: 12, leftYAxis: { label, showUnits: false, min: 0 } });
    const present = (...list: (cloudwatch.IMetric | undefined)[]): cloudwatch.IMetric[] =>
      list.filter((metric) => metric !== undefined);
    const brokers = Array.from({ length: config.stream.brokers }, (_, index) => index + 1);
    new cloudwatch.Dashboard(this, 'operator', {
      dashboardName: `${config.name}-operator`,
      widgets: [
        [
          graph('Readings replayed, each producer', present(metrics.replayRate), 'readings/s'),
          graph('Replay behind the clock', present(metrics.replayLateness), 'ms'),
        ],
        [
          graph('Readings taken by Spark', [metrics.sparkRows], 'readings/min'),
          graph('Spark behind Kafka', [sparkLag(config)], 'readings'),
        ],
        [
          graph('Late readings', [metrics.late], 'readings/min'),
          graph('Dead letters', [metrics.deadLetters], 'messages/min'),
        ],
        [
          graph('Druid behind Kafka', [druid.lag], 'messages'),
          graph('Segments that nobody serves', [druid.unavailable], 'segments'),
        ],
      ],
    });
    new cloudwatch.Dashboard(this, 'machines', {
      dashboardName: `${config.name}-machines`,
      widgets: [
        [
          graph(
            'Broker disks',
            brokers.map((broker) => brokerMetric(config, broker, 'KafkaDataLogsDiskUsed')),
            '%',
          ),
          graph(
            'Broker CPU',
            brokers.map((broker) => brokerMetric(config, broker, 'CpuUser')),
            '%',
          ),
        ],
      ],
    });
  }
}

function streamAlarms(config: GridConfig): AlarmDefinition[] {
  const brokers = Array.from({ length: config.stream.brokers }, (_, index) => index + 1);
  return [
    ...brokers.map((broker): AlarmDefinition => ({
      id: `broker-${broker}-disk`,
      what: `The disk of Kafka broker ${broker} is over 80 % full although it should have grown by itself.`,
      section: 'broker-disk-fills',
      metric: brokerMetric(config, broker, 'KafkaDataLogsDiskUsed'),
      threshold: 80,
      silence: 'alarm',
    })),
    ...brokers.map((broker): AlarmDefinition => ({
      id: `broker-${broker}-under-replicated`,
      what: `Partitions led by Kafka broker ${broker} have had fewer copies than they should for 15 minutes.`,
      section: 'partitions-are-under-replicated',
      metric: brokerMetric(config, broker, 'UnderReplicatedPartitions'),
      threshold: 0,
    })),
    {
      id: 'offline-partitions',
      what: 'Some partitions of Kafka have no leader: nobody can write to or read from them.',
      section: 'partitions-are-offline',
      metric: clusterMetric(config, 'OfflinePartitionsCount'),
      threshold: 0,
      periods: 1,
    },
  ];
}

function jobAlarms(config: GridConfig, { controller }: DutyCycleStack, metrics: ProgramMetrics): AlarmDefinition[] {
  return [
    {
      id: 'spark-lag',
      what: 'The duty-cycle job is further behind Kafka than two of its largest batches.',
      section: 'spark-falls-behind',
      metric: sparkLag(config),
      threshold: LAG_BATCHES * config.dutyCycle.maxOffsetsPerTrigger,
      periods: 5,
    },
    {
      id: 'streaming-step',
      what: 'The duty-cycle job keeps failing, or its cluster has ended: it is no longer started again.',
      section: 'the-streaming-step-keeps-failing',
      metric: controller.restarter.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: 0,
      periods: 1,
    },
    {
      id: 'spark-silent',
      what: 'The duty-cycle job has reported nothing for ten minutes.',
      section: 'the-streaming-step-keeps-failing',
      metric: metrics.sparkRows.with({ statistic: 'SampleCount', period: Duration.minutes(5) }),
      threshold: 1,
      below: true,
      periods: 2,
      silence: 'alarm',
    },
    {
      id: 'late-readings',
      what: 'Readings arrive after their window has been closed: duty cycles miss them.',
      section: 'readings-come-too-late',
      metric: metrics.late,
      threshold: 0,
    },
    {
      id: 'dead-letters',
      what: 'Messages in powerraw can not be read as readings.',
      section: 'messages-end-in-deadletter',
      metric: metrics.deadLetters,
      threshold: 0,
      periods: 1,
    },
  ];
}

function hostAlarms({ foundation, replay }: OperationsStackProps, metrics: ProgramMetrics): AlarmDefinition[] {
  const period = Duration.minutes(5);
  const { instance } = foundation.database;
  return [
    ...replay.machines.map((machine, index): AlarmDefinition => ({
      id: `producer-${index}-dead`,
      what: `Producer ${index} has had no healthy instance for 15 minutes.`,
      section: 'a-host-is-dead',
      metric: metricOf(
        'AWS/AutoScaling',
        'GroupInServiceInstances',
        { AutoScalingGroupName: machine.group.autoScalingGroupName },
        'Minimum',
        period,
      ),
      threshold: 1,
      below: true,
      silence: 'alarm',
    })),
    ...(metrics.replayRate
      ? [
          {
            id: 'producers-silent',
            what: 'No producer has reported for ten minutes.',
            section: 'producers-are-silent',
            metric: metrics.replayRate.with({ statistic: 'SampleCount', period }),
            threshold: 1,
            below: true,
            periods: 2,
            silence: 'alarm',
          } satisfies AlarmDefinition,
        ]
      : []),
    {
      id: 'database-disk',
      what: "The metadata database has under 2 GiB of disk left; Druid's ingestion stops with it.",
      section: 'the-metadata-database-fills',
      metric: instance.metricFreeStorageSpace({ period, statistic: 'Minimum' }),
      threshold: 2 * GIB,
      below: true,
    },
  ];
}
