/**
 * Both layouts read the plain way, from whole strings and with sorts, to compare the readers with. It follows the
 * documentation (docs/concepts/data-sets.md), shares no code with the readers, and knows no blocks and no windows: it is right for
 * files whose disorder stays within the readers' reach.
 */
const EARLIEST = 978_307_200_000;
const MAX_POWER = 50_000;
const LONGEST_ROW = 16_384;
const DAY_MS = 86_400_000;
const SLOT_MS = 300_000;
const MOST_SILENT_DAYS = 366;

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

/** What a line is: a row that is used unless its clock or another row says otherwise, or the reason why not. */
type Verdict = PlainRow | { readonly ms?: number; readonly reason: string };

const isRow = (verdict: Verdict): verdict is PlainRow => 'values' in verdict;

/** A REDD house: the text of each channel. */
export function readReddPlainly(channels: readonly string[], timeZone = 'America/New_York'): PlainRead {
  const files = channels.map((text, channel) => linesOf(text).map((line) => reddVerdict(line, channel)));
  const isStray = straysOf(files.flat().filter(isRow), timeZone);
  const tallies = files.map((verdicts) => {
    const tally = new Tally();
    for (const verdict of verdicts) {
      tally.take(verdict, isStray);
    }
    return tally.result();
  });
  return {
    readings: tallies.flatMap(({ readings }) => readings).sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    rows: sumOf(tallies.map(({ rows }) => rows)),
    missing: 0,
    rejected: tallies.reduce<Record<string, number>>((all, { rejected }) => {
      for (const [reason, rows] of Object.entries(rejected)) {
        all[reason] = (all[reason] ?? 0) + rows;
      }
      return all;
    }, {}),
  };
}

/** A day file of a GREEND building whose plugs are these, in the order of the channels. */
export function readGreendPlainly(text: string, plugs: readonly string[]): PlainRead {
  return readBuildingPlainly([text], plugs);
}

/** All day files of a GREEND building. @param texts in the order of their names. */
export function readBuildingPlainly(
  texts: readonly string[],
  plugs: readonly string[],
  timeZone = 'Europe/Rome',
): PlainRead {
  const files = texts.map((text) => greendVerdicts(text, plugs));
  const isStray = straysOf(files.flat().filter(isRow), timeZone);
  const firstOf = (verdicts: readonly Verdict[]): number =>
    Math.min(...verdicts.filter(isRow).map(({ ms }) => (isStray(ms) ? Infinity : ms)));
  const tally = new Tally();
  const sorted = files.map((verdicts, name) => ({ verdicts, name, first: firstOf(verdicts) }));
  sorted.sort((a, b) => (a.first === b.first ? a.name - b.name : a.first - b.first));
  for (const verdict of sorted.flatMap(({ verdicts }) => verdicts)) {
    tally.take(verdict, isStray);
  }
  return tally.result();
}

/**
 * The plugs of a building by channel: those of the header that has as many as there are labels, then all others.
 *
 * @param texts of its day files, in the order of their names.
 */
export function plugsOfBuilding(texts: readonly string[], labels: number): readonly string[] {
  const firstOf = (text: string): number => {
    const believable = linesOf(text).flatMap((line) => {
      const seconds = /^"?([\d.]+)"?[,;\t]/.exec(line)?.[1];
      const ms = seconds === undefined ? 'none' : instant(seconds);
      return typeof ms === 'number' && ms >= EARLIEST && ms <= Date.now() ? [ms] : [];
    });
    return believable.length === 0 ? -Infinity : Math.min(...believable);
  };
  const byTime = texts.map((text, name) => ({ text, name, first: firstOf(text) }));
  byTime.sort((a, b) => (a.first === b.first ? a.name - b.name : a.first - b.first));
  const headers = byTime.flatMap(({ text }) =>
    [...text.matchAll(/time[^\r\n]*/g)].flatMap(([found]) =>
      // A header may be glued to a damaged one.
      found
        .split(/(?=time)/)
        .map((_, part, parts) => plainHeader(parts.slice(part).join('')))
        .flatMap((header) => (header ? [header.plugs] : [])),
    ),
  );
  const widest = Math.max(0, ...headers.map((header) => header.length));
  const described =
    headers.find((header) => header.length === labels) ?? headers.find((header) => header.length === widest) ?? [];
  return [...new Set([...described, ...headers.flat()])];
}

function reddVerdict(line: string, channel: number): Verdict {
  const damage = damageOf(line);
  if (damage !== undefined) {
    return { reason: damage };
  }
  const fields = reddFields(line.trim());
  const ms = instant(fields[0] ?? '');
  const at = typeof ms === 'number' ? { ms } : {};
  if (fields.length !== 2) {
    return { reason: fields.length < 2 ? 'cut_row' : 'extra_fields' };
  }
  const clock = typeof ms === 'string' ? ms : clockOf(ms);
  if (typeof ms === 'string' || clock !== undefined) {
    return { reason: clock ?? '' };
  }
  const power = watts(fields[1] ?? '');
  return typeof power === 'string' ? { ...at, reason: power } : { ms, values: [[channel, power]], missing: 0 };
}

function reddFields(line: string): readonly string[] {
  const separator = line.includes(';') ? ';' : /^"?[0-9.]*"?[ \t]*,/.test(line) ? ',' : undefined;
  if (separator === undefined) {
    return line.split(/[ \t]+/).map(unquote);
  }
  const fields = cells(line, separator);
  if (fields.at(-1) === '') {
    fields.pop();
  }
  return fields;
}

function greendVerdicts(text: string, plugs: readonly string[]): readonly Verdict[] {
  let header: PlainHeader | undefined;
  return linesOf(text).flatMap((line): Verdict[] => {
    if (line.length > LONGEST_ROW) {
      if (line.includes('time')) {
        header = plainHeader(line.slice(line.lastIndexOf('time')));
      }
      return [{ reason: 'long_row' }];
    }
    const at = line.indexOf('time');
    if (at >= 0) {
      header = plainHeader(line.slice(at));
      return line.slice(0, at).replace(/[\0"]/g, '').trim() === '' ? [] : [{ reason: 'cut_row' }];
    }
    return [greendVerdict(line, header, plugs)];
  });
}

function greendVerdict(line: string, header: PlainHeader | undefined, plugs: readonly string[]): Verdict {
  const damage = damageOf(line);
  if (damage !== undefined) {
    return { reason: damage };
  }
  const [time = '', ...rest] = cells(line, header?.separator ?? ',');
  if (!header) {
    return { reason: 'no_header' };
  }
  if (header.trailed && rest.length === header.plugs.length + 1 && rest.at(-1) === '') {
    rest.pop();
  }
  if (rest.length !== header.plugs.length) {
    return { reason: rest.length < header.plugs.length ? 'cut_row' : 'extra_fields' };
  }
  const ms = instant(time);
  const clock = typeof ms === 'string' ? ms : clockOf(ms);
  if (typeof ms === 'string' || clock !== undefined) {
    return { reason: clock ?? '' };
  }
  const values: [number, number][] = [];
  for (const [column, cell] of rest.entries()) {
    if (/^(null)?$/i.test(cell)) {
      continue;
    }
    const power = watts(cell);
    if (typeof power === 'string') {
      return { ms, reason: power };
    }
    values.push([plugs.indexOf(header.plugs[column] ?? ''), power]);
  }
  values.sort((a, b) => a[0] - b[0]);
  return { ms, values, missing: rest.length - values.length };
}

interface PlainHeader {
  readonly plugs: readonly string[];
  readonly separator: string;
  readonly trailed: boolean;
}

function plainHeader(text: string): PlainHeader | undefined {
  const line = text.replace(/"/g, '').trimEnd();
  const separator = [',', ';', '\t'].find((one) => new RegExp(`^timestamp *${one}`).test(line)) ?? ',';
  const [first, ...plugs] = line.split(separator).map((cell) => cell.trim().toUpperCase());
  const trailed = plugs.at(-1) === '';
  if (trailed) {
    plugs.pop();
  }
  const isGood =
    line.startsWith('timestamp') &&
    first === 'TIMESTAMP' &&
    plugs.length > 0 &&
    new Set(plugs).size === plugs.length &&
    plugs.every((plug) => /^[0-9A-F]{16}$/.test(plug));
  return isGood ? { plugs, separator, trailed } : undefined;
}

/** CR, LF or both end a line; a byte-order mark is none of it. */
function linesOf(text: string): readonly string[] {
  return text
    .replace(/^\xEF\xBB\xBF/, '')
    .split(/[\r\n]/)
    .filter((line) => line.trim() !== '');
}

function damageOf(line: string): string | undefined {
  if (line.length > LONGEST_ROW) {
    return 'long_row';
  }
  return line.includes('\0') ? 'nul_bytes' : undefined;
}

/** The text between separators that are not inside quotes. */
function cells(line: string, separator: string): string[] {
  const found = [''];
  let open = false;
  for (const letter of line) {
    if (letter === '"') {
      open = !open;
    }
    if (letter === separator && !open) {
      found.push('');
    } else {
      found.push(`${found.pop() ?? ''}${letter}`);
    }
  }
  return found.map((cell) => unquote(cell.trim()));
}

function unquote(cell: string): string {
  return /^".*"$/s.test(cell) && cell.length > 1 ? cell.slice(1, -1).trim() : cell;
}

/** Decimal seconds to ms, half up, in whole numbers. */
function instant(field: string): number | string {
  if (/^\d{4}-\d\d-\d\d/.test(field)) {
    return 'date_not_seconds';
  }
  if (/^[+-]?\d+,\d+$/.test(field)) {
    return 'decimal_comma';
  }
  if (!/^\d{1,13}(\.\d*)?$/.test(field)) {
    return 'bad_number';
  }
  const [seconds = '', fraction = ''] = field.split('.');
  return Number((BigInt(seconds + fraction.padEnd(4, '0').slice(0, 4)) + 5n) / 10n);
}

function clockOf(ms: number): string | undefined {
  if (ms < EARLIEST) {
    return 'unset_clock';
  }
  return ms > Date.now() ? 'future_clock' : undefined;
}

function watts(field: string): number | string {
  if (/^[-+]?nan$/i.test(field)) {
    return 'nan_power';
  }
  if (/^[-+]?inf(inity)?$/i.test(field)) {
    return 'infinite_power';
  }
  if (/^[-+]?\d+,\d+$/.test(field)) {
    return 'decimal_comma';
  }
  const isNumber = /^[-+]?[0-9.]+(e[-+]?\d{1,3})?$/i.test(field);
  const power = isNumber ? Number(field) : NaN;
  if (Number.isNaN(power)) {
    return 'bad_number';
  }
  if (Math.abs(power) === Infinity) {
    return 'infinite_power';
  }
  if (power < 0) {
    return 'negative_power';
  }
  return power > MAX_POWER ? 'absurd_power' : power;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const places = new Map<string, { readonly day: number; readonly slot: number }>();

/** Days since 1970 of the calendar on the wall, and the span of 5 min within the day. */
function localPlace(ms: number, timeZone: string): { readonly day: number; readonly slot: number } {
  const key = `${timeZone} ${Math.floor(ms / SLOT_MS)}`;
  const known = places.get(key);
  if (known) {
    return known;
  }
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  formats.set(timeZone, format);
  const local = Date.parse(`${format.format(ms).replace(' ', 'T')}Z`);
  const place = { day: Math.floor(local / DAY_MS), slot: Math.floor((local % DAY_MS) / SLOT_MS) };
  places.set(key, place);
  return place;
}

/** Tells the instants that are far from all others. */
function straysOf(rows: readonly PlainRow[], timeZone: string): (ms: number) => boolean {
  const days = new Map<number, { rows: number; slots: Set<number> }>();
  for (const { ms } of rows) {
    const { day, slot } = localPlace(ms, timeZone);
    const found = days.get(day) ?? { rows: 0, slots: new Set<number>() };
    days.set(day, found);
    found.rows += 1;
    found.slots.add(slot);
  }
  // Half of all rows are in days of at most this.
  const typical = (valueOf: (day: { rows: number; slots: Set<number> }) => number): number => {
    const each = [...days.values()].flatMap((day) => new Array<number>(day.rows).fill(valueOf(day)));
    return each.sort((a, b) => a - b)[Math.ceil(each.length / 2) - 1] ?? 0;
  };
  const [typicalRows, typicalSlots] = [typical((day) => day.rows), typical((day) => day.slots.size)];
  const solid = [...days.keys()]
    .filter((day) => (days.get(day)?.slots.size ?? 0) >= 0.02 * typicalSlots)
    .sort((a, b) => a - b);
  const weightOf = (day: number): number => {
    const found = days.get(day);
    return found ? Math.min(1, found.slots.size / typicalSlots, (4 * found.rows) / typicalRows) : 0;
  };
  const runs: number[][] = [];
  for (const day of solid) {
    const last = runs.at(-1);
    if (last?.at(-1) === day - 1) {
      last.push(day);
    } else {
      runs.push([day]);
    }
  }
  const rowsIn = (run: readonly number[]): number => sumOf(run.map((day) => days.get(day)?.rows ?? 0));
  const most = Math.max(...runs.map(rowsIn));
  const main = runs.findIndex((run) => rowsIn(run) === most);
  const reach = (step: 1 | -1): number => {
    let edge = main;
    for (let next = main + step; runs[next]; next += step) {
      const between = runs.slice(Math.min(edge, next), Math.max(edge, next) + 1);
      const gaps = between.slice(1).map((run, index) => (run[0] ?? 0) - (between[index]?.at(-1) ?? 0) - 1);
      if (gaps.some((gap) => gap > MOST_SILENT_DAYS)) {
        break;
      }
      const beyond = step === 1 ? between.slice(1) : between.slice(0, -1);
      if (sumOf(gaps) <= MOST_SILENT_DAYS * sumOf(beyond.flat().map(weightOf))) {
        edge = next;
      }
    }
    return edge;
  };
  // A row with another fault is told by that, unless rows without any have such a clock.
  let first = (runs[reach(-1)]?.[0] ?? -Infinity) - 1;
  let last = (runs[reach(1)]?.at(-1) ?? Infinity) + 1;
  if ([...days.keys()].every((day) => day >= first)) {
    first = -Infinity;
  }
  if ([...days.keys()].every((day) => day <= last)) {
    last = Infinity;
  }
  return (ms) => {
    const { day } = localPlace(ms, timeZone);
    return day < first || day > last;
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

class Tally {
  readonly #rows = new Map<number, PlainRow>();
  readonly #rejected: Record<string, number> = {};
  #count = 0;

  take(verdict: Verdict, isStray: (ms: number) => boolean): void {
    this.#count += 1;
    const reason = this.#reasonOf(verdict, isStray);
    if (reason !== undefined) {
      this.#rejected[reason] = (this.#rejected[reason] ?? 0) + 1;
    } else if (isRow(verdict)) {
      this.#rows.set(verdict.ms, verdict);
    }
  }

  #reasonOf(verdict: Verdict, isStray: (ms: number) => boolean): string | undefined {
    if (verdict.ms !== undefined && isStray(verdict.ms)) {
      return 'stray_clock';
    }
    if (!isRow(verdict)) {
      return verdict.reason;
    }
    return this.#rows.has(verdict.ms) ? 'duplicate_timestamp' : undefined;
  }

  result(): PlainRead {
    const rows = [...this.#rows.values()].sort((a, b) => a.ms - b.ms);
    return {
      readings: rows.flatMap(({ ms, values }) => values.map(([channel, power]) => [ms, channel, power] as const)),
      rows: this.#count,
      missing: sumOf(rows.map((row) => row.missing)),
      rejected: this.#rejected,
    };
  }
}
