/** The sections of docs/operate/alarms.md that alarms link, by their anchors; a test asserts that each exists. */
export const RUNBOOK_SECTIONS = [
  'offline-partitions',
  'host-down',
  'host-replaced',
  'host-memory',
  'host-disk',
  'database-disk',
  'broker-disk',
  'broker-under-replicated',
  'druid-unanswered',
  'druid-supervisor',
  'druid-lag',
  'druid-segments',
  'streaming-step',
  'spark-silent',
  'spark-lag',
  'replay-silent',
  'late-readings',
  'dead-letters',
  'airflow-unhealthy',
  'history-failing',
  'history-stale',
  'canary-silent',
  'duty-cycles-silent',
  'readings-stale',
  'duty-cycles-stale',
  'function-errors',
] as const;

export type RunbookSection = (typeof RUNBOOK_SECTIONS)[number];

export function runbookLink(section: RunbookSection): string {
  return `docs/operate/alarms.md#${section}`;
}
