/** An inspection as text for a terminal. */
import type { Rejections, RowCounts } from '../../src/datasets/data-set/data-set.ts';
import type { InspectedChannel, InspectedLoop, Inspection } from './inspect.ts';

const COLUMNS = [
  { title: 'ch', right: true },
  { title: 'name', right: false },
  { title: 'type', right: false },
  { title: 'readings', right: true },
  { title: 'first', right: false },
  { title: 'last', right: false },
  { title: 'mean W', right: true },
  { title: 'on at W', right: true },
  { title: 'duty', right: true },
  { title: 'coverage', right: true },
  { title: 'gaps', right: true },
  { title: 'longest', right: true },
] as const;

/** How many files of a house are named: the worst. */
const MOST_FILES = 10;

const integer = new Intl.NumberFormat('en-US');

const counted = (count: number, noun: string): string => `${integer.format(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Several lines, without a last line end. */
export function toText(inspection: Inspection): string {
  const { dataSet, timeZone, counts, houses } = inspection;
  const rejected = [...counts.rejected].sort(([, a], [, b]) => b - a);
  const rejectedRows = rejected.reduce((sum, [, rows]) => sum + rows, 0);
  const lines = [
    `${dataSet}: ${counted(houses.length, 'house')}, ${counted(counts.readings, 'reading')}`,
    `${integer.format(counts.rows)} rows = ${integer.format(counts.rows - rejectedRows)} used + ` +
      `${integer.format(rejectedRows)} rejected; ${integer.format(counts.missing)} cells without a value`,
    ...rejected.map(([reason, rows]) => `  ${reason} ${integer.format(rows)}`),
  ];
  const timeOf = timeFormat(timeZone);
  for (const { house, loop, counts: ofHouse, channels } of houses) {
    lines.push('', `House ${house} (times of ${timeZone}; a gap is a silence of more than 30 s)`);
    lines.push(describeLoop(loop, ofHouse.readings), ...rejectedOf(ofHouse));
    lines.push(...table(channels.map((channel) => cellsOf(channel, timeOf))));
  }
  return lines.join('\n');
}

function describeLoop({ days, readings, silent_days }: InspectedLoop, all: number): string {
  if (days === 0) {
    return 'No usable readings: a replay leaves the house out';
  }
  return (
    `A replay repeats after ${counted(days, 'day')}, ${integer.format(silent_days)} of them silent, with ` +
    `${integer.format(readings)} of ${integer.format(all)} readings`
  );
}

/** The rejected rows of a house, and in which files most of them are. */
function rejectedOf({ rejected, files }: RowCounts): readonly string[] {
  if (rejected.size === 0) {
    return [];
  }
  const ofFiles = [...(files ?? [])]
    .map(([file, reasons]) => ({ file, reasons, rows: sumOf(reasons) }))
    .sort((a, b) => b.rows - a.rows);
  const more = ofFiles.slice(MOST_FILES);
  return [
    `Rejected rows: ${describeReasons(rejected)}`,
    ...ofFiles.slice(0, MOST_FILES).map(({ file, reasons }) => `  ${file}: ${describeReasons(reasons)}`),
    ...(more.length > 0
      ? [
          `  ${more.length} more files: ${integer.format(more.reduce((sum, { rows }) => sum + rows, 0))} (--json has all)`,
        ]
      : []),
  ];
}

function describeReasons(rejected: Rejections): string {
  return [...rejected]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, rows]) => `${reason} ${integer.format(rows)}`)
    .join(', ');
}

function sumOf(rejected: Rejections): number {
  return [...rejected.values()].reduce((sum, rows) => sum + rows, 0);
}

function cellsOf(channel: InspectedChannel, timeOf: (ms: number) => string): readonly string[] {
  const { appliance, first, last } = channel;
  return [
    channel.channel,
    appliance.role === 'appliance' ? appliance.name : `${appliance.name} (${appliance.role}, in no sum)`,
    appliance.type,
    integer.format(channel.readings),
    first === null ? '-' : timeOf(first),
    last === null ? '-' : timeOf(last),
    channel.mean_w?.toFixed(1) ?? '-',
    String(appliance.on_threshold_w),
    channel.duty_cycle?.toFixed(3) ?? '-',
    channel.coverage?.toFixed(3) ?? '-',
    integer.format(channel.gaps),
    channel.gaps === 0 ? '-' : describeDuration(channel.longest_gap_ms),
  ];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [COLUMNS.map(({ title }) => title), ...rows];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return COLUMNS[column]?.right ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

function timeFormat(timeZone: string): (ms: number) => string {
  // Sweden writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (ms) => format.format(ms);
}

/** In its two largest units. */
function describeDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3_600) {
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) {
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
