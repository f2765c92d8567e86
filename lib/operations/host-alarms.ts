import { Duration } from 'aws-cdk-lib';

import type { FoundationStack } from '../foundation/foundation-stack.ts';
import type { Host } from '../hosts/host.ts';
import type { AlarmDefinition } from './alarm.ts';
import type { ProgramMetrics } from './grid-metrics.ts';
import { diskUsed, instancesInService, memoryUsed } from './host-metrics.ts';

const GIB = 1_073_741_824;

/** Percent of a host's memory: beyond it the kernel soon ends what needs most. */
const MEMORY_LIMIT = 92;

/** Percent of a host's root disk. */
const DISK_LIMIT = 85;

/** Of the hosts that are ours: each lives, and has room. */
export function hostAlarms(hosts: readonly Host[]): AlarmDefinition[] {
  return hosts.flatMap((host): AlarmDefinition[] => [
    {
      id: `${host.label}-dead`,
      what: `The host ${host.label} has had no healthy instance for 15 minutes.`,
      section: 'host-down',
      metric: instancesInService(host),
      threshold: 1,
      below: true,
      silence: 'breaching',
    },
    {
      id: `${host.label}-memory`,
      what: `The host ${host.label} has used over ${MEMORY_LIMIT} % of its memory for 15 minutes, or has not reported it.`,
      section: 'host-memory',
      metric: memoryUsed(host),
      threshold: MEMORY_LIMIT,
      silence: 'breaching',
    },
    {
      id: `${host.label}-disk`,
      what: `The root disk of the host ${host.label} is over ${DISK_LIMIT} % full.`,
      section: 'host-disk',
      metric: diskUsed(host),
      threshold: DISK_LIMIT,
      // One agent publishes both.
      silence: { reportedBy: `${host.label}-memory` },
    },
  ]);
}

/** Of the producers as a fleet; nothing without any. */
export function producerAlarms({ replayRate }: ProgramMetrics): AlarmDefinition[] {
  if (!replayRate) {
    return [];
  }
  return [
    {
      id: 'replay-silent',
      what: 'No producer has reported for ten minutes.',
      section: 'replay-silent',
      metric: replayRate.with({ statistic: 'SampleCount', period: Duration.minutes(5) }),
      threshold: 1,
      below: true,
      periods: 2,
      silence: 'breaching',
    },
  ];
}

/** Of the metadata database. */
export function databaseAlarms({ database: { instance } }: FoundationStack): AlarmDefinition[] {
  return [
    {
      id: 'database-disk',
      what: "The metadata database has under 2 GiB of disk left, or does not run; Druid's ingestion stops with it.",
      section: 'database-disk',
      metric: instance.metricFreeStorageSpace({ period: Duration.minutes(5), statistic: 'Minimum' }),
      threshold: 2 * GIB,
      below: true,
      // RDS publishes it every minute while the instance runs.
      silence: 'breaching',
    },
  ];
}
