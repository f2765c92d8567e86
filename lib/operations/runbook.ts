/** The sections of docs/runbook.md that alarms point at, by their anchors; a test asserts that each exists. */
export const RUNBOOK_SECTIONS = [
  'freshness-is-bad',
  'the-canary-is-silent',
  'broker-disk-fills',
  'partitions-are-under-replicated',
  'partitions-are-offline',
  'spark-falls-behind',
  'the-streaming-step-keeps-failing',
  'the-streaming-job-reports-no-progress',
  'readings-come-too-late',
  'messages-end-in-deadletter',
  'history-is-not-made',
  'airflow-is-unwell',
  'a-host-is-dead',
  'a-host-is-replaced-repeatedly',
  'a-host-runs-out-of-memory-or-disk',
  'producers-are-silent',
  'the-metadata-database-fills',
  'druid-falls-behind',
  'a-supervisor-is-not-healthy',
  'segments-are-not-served',
  'druid-does-not-answer',
  'a-function-fails',
] as const;

export type RunbookSection = (typeof RUNBOOK_SECTIONS)[number];

export function runbookLink(section: RunbookSection): string {
  return `docs/runbook.md#${section}`;
}
