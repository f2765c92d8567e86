/** The sections of docs/runbook.md that alarms point at, by their anchors; a test asserts that each exists. */
export const RUNBOOK_SECTIONS = [
  'broker-disk-fills',
  'partitions-are-under-replicated',
  'partitions-are-offline',
  'spark-falls-behind',
  'the-streaming-step-keeps-failing',
  'readings-come-too-late',
  'messages-end-in-deadletter',
  'a-host-is-dead',
  'producers-are-silent',
  'the-metadata-database-fills',
  'druid-falls-behind',
  'a-supervisor-is-not-healthy',
  'segments-are-not-served',
  'druid-does-not-answer',
] as const;

export type RunbookSection = (typeof RUNBOOK_SECTIONS)[number];

export function runbookLink(section: RunbookSection): string {
  return `docs/runbook.md#${section}`;
}
