import type { Incident } from './storm.ts';
import { FAULTS } from './storm.ts';

/** How often each process was hit, and how long each recovery took: a line per process, with a heading. */
export function stormTable(incidents: readonly Incident[]): string[] {
  const targets = [...new Set(incidents.map(({ target }) => target))].sort();
  const rows = targets.map((target) => [
    target,
    ...FAULTS.map((fault) => cell(incidents.filter((one) => one.target === target && one.fault === fault))),
  ]);
  const table = [['process', ...FAULTS.map((fault) => `${fault}: times, recovery (s)`)], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) => `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function cell(incidents: readonly Incident[]): string {
  if (incidents.length === 0) {
    return '-';
  }
  const times = incidents.map(({ recoveredMs }) =>
    recoveredMs === undefined ? 'never' : (recoveredMs / 1_000).toFixed(1),
  );
  return `${incidents.length}: ${times.join(', ')}`;
}
