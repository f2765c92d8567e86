import { milliseconds, whole } from '../../engines/view/format.ts';
import type { Report } from './report.ts';

/** A report for people: what was counted where, and what does not agree. */
export function describeReport(report: Report): string[] {
  const { readings, topics, druid, freshness_ms: freshness } = report;
  const row = (what: string, ...counts: [where: string, count: number][]): string =>
    `  ${what.padEnd(13)}${counts.map(([where, count]) => `${where} ${whole(count)}`).join('  =  ')}`;
  const rejected = Object.entries(readings.rejected).map(([reason, rows]) => `${reason} ${whole(rows)}`);
  const fresh = Object.entries(freshness).flatMap(([source, measured]) =>
    measured ? `${source} ${milliseconds(measured.p50)} (p99 ${milliseconds(measured.p99)})` : [],
  );
  return [
    '',
    'Reconciliation of this run',
    row(
      'readings',
      ['sent', readings.sent],
      ['acknowledged', readings.acked],
      ['in Kafka', topics.powerraw],
      ['in Druid', druid.powerraw],
    ),
    row(
      'duty cycles',
      ['expected', report.windows_expected],
      ['in Kafka', topics.dutycycle],
      ['in Druid', druid.dutycycle],
    ),
    row('history', ['in Kafka', topics.history], ['in Druid', druid.history]),
    `  late ${whole(readings.late)}, lost ${whole(readings.lost)}, dead letters ${whole(topics.deadletter)}, repeated duty cycles ${whole(report.repeats.dutycycle)}`,
    `  rejected rows: ${rejected.length > 0 ? rejected.join(', ') : 'none'}`,
    `  freshness: ${fresh.length > 0 ? fresh.join(', ') : 'not measured'}`,
    `  live after ${report.ready_s === null ? 'never' : `${report.ready_s.toFixed(0)} s`}, for ${report.live_s.toFixed(0)} s; peak memory ${whole(report.peak_rss_mb)} MB`,
    ...Object.entries(report.unreadable_lines).map(
      ([name, lines]) => `  ${whole(lines)} lines of ${name} could not be read: see its log`,
    ),
    ...report.disagreements.map((sentence) => `  MISMATCH  ${sentence}`),
    report.reconciled ? 'All counts match.' : 'The counts do not match.',
  ];
}
