import { Duration } from 'aws-cdk-lib';

import { gridClock } from '../../src/core/clock/grid-clock.ts';
import { historySchedule } from '../../src/history/schedule.ts';
import type { GridConfig } from '../config/schema.ts';
import type { AirflowMetrics } from './airflow-metrics.ts';
import type { AlarmDefinition } from './alarm.ts';

/** Slots that may be missed before an alarm is sent. */
const MISSED_SLOTS = 5;

/** A host that was replaced needs so long to be there again, ms. */
const LEAST_MS = 900_000;

/** Of Airflow and what it runs. */
export function historyAlarms(config: GridConfig, metrics: AirflowMetrics): AlarmDefinition[] {
  const { intervalMs } = historySchedule(gridClock(config.speed));
  const limitMs = Math.max(LEAST_MS, MISSED_SLOTS * intervalMs);
  return [
    {
      id: 'history-stale',
      what: `No slot of history has been found or completed for ${Math.round(limitMs / 60_000)} minutes.`,
      section: 'history-stale',
      metric: metrics.historyAge,
      threshold: limitMs,
      silence: 'breaching',
    },
    {
      id: 'history-failing',
      what: 'The history program has failed repeatedly for a quarter of an hour.',
      section: 'history-failing',
      metric: metrics.slotFailures.with({ period: Duration.minutes(5) }),
      threshold: 2,
      // Without any slot at all, history-stale rings.
      silence: 'rare',
    },
    {
      id: 'airflow-unhealthy',
      what: "Airflow's database, scheduler or DAG processor has not been healthy for ten minutes.",
      section: 'airflow-unhealthy',
      metric: metrics.airflowUnhealthy,
      threshold: 0,
      periods: 10,
      silence: 'breaching',
    },
  ];
}
