/**
 * Both layouts read the plain way, from whole strings and with a sort, to compare the readers with. It follows the
 * documentation (docs/data.md), shares no code with the readers, and knows no blocks and no windows: it is right for
 * files whose disorder stays within the readers' reach.
 */
const EARLIEST = 978_307_200_000;
const MAX_POWER = 50_000;

export interface PlainRead {
  /** ms, channel, W: in time order, of the same ms by channel. */
  readonly readings: readonly (readonly [number, number, number])[];
  readonly rows: number;
  readonly missing: number;
  readonly rejected: Readonly<Record<string, number>>;
}

interface PlainRow {
  readonly ms: number;
  readonly values: readonly (readonly [number, number])[];
  readonly missing: number;
}

/** A REDD house: the text of each channel. */
export function readReddPlainly(channels: readonly string[]): PlainRead {
  const reads = channels.map((text, channel) => {
    const tally = new Tally();
    for (const line of linesOf(text)) {
      tally.take(() => {
        if (line.includes('\0')) return 'nul_bytes';
        const fields = line.trim().split(/[ \t]+/);
        if (fields.length !== 2) return fields.length < 2 ? 'cut_row' : 'extra_fields';
        const ms = instant(fields[0] ?? '');
        if (typeof ms === 'string') return ms;
        const power = watts(fields[1] ?? '');
        return typeof power === 'string' ? power : { ms, values: [[channel, power]], missing: 0 };
      });
    }
    return tally.result();
  });
  const rejected: Record<string, number> = {};
  for (const one of reads) {
    for (const [reason, rows] of Object.entries(one.rejected)) rejected[reason] = (rejected[reason] ?? 0) + rows;
  }
  return {
    readings: reads.flatMap((one) => one.readings).sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    rows: reads.reduce((sum, one) => sum + one.rows, 0),
    missing: 0,
    rejected,
  };
}

/** A day file of a GREEND building whose plugs are these, in the order of the channels. */
export function readGreendPlainly(text: string, plugs: readonly string[]): PlainRead {
  const tally = new Tally();
  let columns: readonly string[] | undefined;
  for (const line of linesOf(text)) {
    const header = line.indexOf('timestamp');
    if (header >= 0) {
      if (line.slice(0, header).replaceAll('\0', '').trim() !== '') tally.take(() => 'cut_row');
      columns = line.slice(header).trim().split(',').slice(1);
      continue;
    }
    tally.take(() => {
      if (line.includes('\0')) return 'nul_bytes';
      const [time = '', ...cells] = line.split(',').map((cell) => cell.trim());
      if (!columns) return 'no_header';
      if (cells.length !== columns.length) return cells.length < columns.length ? 'cut_row' : 'extra_fields';
      const ms = instant(time);
      if (typeof ms === 'string') return ms;
      const values: [number, number][] = [];
      for (const [column, cell] of cells.entries()) {
        if (/^(null)?$/i.test(cell)) continue;
        const power = watts(cell);
        if (typeof power === 'string') return power;
        values.push([plugs.indexOf(columns[column] ?? ''), power]);
      }
      values.sort((a, b) => a[0] - b[0]);
      return { ms, values, missing: cells.length - values.length };
    });
  }
  return tally.result();
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** Decimal seconds to ms, half up, in whole numbers. */
function instant(field: string): number | string {
  if (!/^\d+(\.\d*)?$/.test(field)) return 'bad_number';
  const [seconds = '', fraction = ''] = field.split('.');
  const ms = Number((BigInt(seconds + fraction.padEnd(4, '0').slice(0, 4)) + 5n) / 10n);
  if (ms < EARLIEST) return 'unset_clock';
  return ms > Date.now() ? 'future_clock' : ms;
}

function watts(field: string): number | string {
  if (field.toLowerCase() === 'nan') return 'nan_power';
  if (/^-?inf$/i.test(field)) return 'infinite_power';
  const power = /^[-+]?[0-9.]+(e[-+]?\d+)?$/i.test(field) ? Number(field) : NaN;
  if (Number.isNaN(power)) return 'bad_number';
  if (Math.abs(power) === Infinity) return 'infinite_power';
  if (power < 0) return 'negative_power';
  return power > MAX_POWER ? 'absurd_power' : power;
}

class Tally {
  readonly #rows = new Map<number, PlainRow>();
  readonly #rejected: Record<string, number> = {};
  #count = 0;

  take(decide: () => PlainRow | string): void {
    this.#count += 1;
    const row = decide();
    const reason = typeof row === 'string' ? row : this.#rows.has(row.ms) ? 'duplicate_timestamp' : undefined;
    if (reason !== undefined) this.#rejected[reason] = (this.#rejected[reason] ?? 0) + 1;
    else if (typeof row !== 'string') this.#rows.set(row.ms, row);
  }

  result(): PlainRead {
    const rows = [...this.#rows.values()].sort((a, b) => a.ms - b.ms);
    return {
      readings: rows.flatMap(({ ms, values }) => values.map(([channel, power]) => [ms, channel, power] as const)),
      rows: this.#count,
      missing: rows.reduce((sum, row) => sum + row.missing, 0),
      rejected: this.#rejected,
    };
  }
}
