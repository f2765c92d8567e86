import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, jest, test } from '@jest/globals';

import { appendNote, type ChainHead, EMPTY_CHAIN } from '../../../../src/dispatch/audit/chain.ts';
import { parseCommandLine } from '../../../../src/dispatch/audit-check/command-line.ts';
import { recordsOfFile, trailLine } from '../../../../src/dispatch/audit-check/trail-file.ts';
import { describeVerdict, headText, parseHead, TrailCheck } from '../../../../src/dispatch/audit-check/verify.ts';

function trailOf(length: number): { records: Buffer[]; head: ChainHead } {
  const records: Buffer[] = [];
  let head = EMPTY_CHAIN;
  for (let index = 0; index < length; index += 1) {
    const made = appendNote(head, { event: 'e1', kind: 'command', actor: 'dispatcher', detail: { index } }, 1_000);
    records.push(made.bytes);
    head = made.head;
  }
  return { records, head };
}

function checkOf(records: readonly Buffer[], ...known: ChainHead[]): TrailCheck {
  const check = new TrailCheck(known);
  for (const record of records) {
    check.add(record);
  }
  return check;
}

describe('the check of an audit trail', () => {
  test('says how many records it has and where it ends', () => {
    const { records, head } = trailOf(4);
    expect(describeVerdict(checkOf(records, head).verdict())).toBe(
      `the audit trail is whole: 4 records, head 3:${head.hash.toString('hex')}`,
    );
    expect(parseHead(headText(head))).toEqual(head);
    expect(describeVerdict(checkOf([]).verdict())).toBe('the audit trail is empty: no record');
  });

  test('names the first broken record, whatever comes after it', () => {
    const { records } = trailOf(6);
    const changed = records.map((record) => Buffer.from(record));
    for (const at of [2, 4]) {
      const record = changed[at] ?? Buffer.alloc(0);
      record[record.length - 40] = (record[record.length - 40] ?? 0) ^ 1;
    }
    const verdict = checkOf(changed).verdict();
    // Either the record itself can't be read, or the one after it does not continue it.
    expect(verdict).toMatchObject({ isWhole: false });
    expect(verdict.isWhole ? NaN : verdict.record).toBeGreaterThanOrEqual(2);
    expect(verdict.isWhole ? NaN : verdict.record).toBeLessThanOrEqual(3);
    expect(checkOf([...records.slice(0, 3), ...records.slice(4)]).verdict()).toEqual({
      isWhole: false,
      record: 3,
      reason: 'record 3 is missing: record 2 is followed by 4',
    });
  });

  test('misses what is cut off when it knows the head', () => {
    const { records, head } = trailOf(5);
    expect(checkOf(records.slice(0, 3)).verdict().isWhole).toBe(true);
    expect(describeVerdict(checkOf(records.slice(0, 3), head).verdict())).toBe(
      'the audit trail is broken at its record 3 (counted from 0): records 3 to 4 are missing at the end',
    );
  });
});

test('a trail that was rewritten is found by a head of before', () => {
  const { head } = trailOf(3);
  const other: Buffer[] = [];
  let end = EMPTY_CHAIN;
  for (let index = 0; index < 5; index += 1) {
    const made = appendNote(end, { event: 'e1', kind: 'command', actor: 'somebody else', detail: {} }, 1_000);
    other.push(made.bytes);
    end = made.head;
  }
  expect(checkOf(other, end).verdict().isWhole).toBe(true);
  expect(checkOf(other, end, head).verdict()).toEqual({
    isWhole: false,
    record: 2,
    reason: 'record 2 is not the one that was the head before',
  });
});

describe('a trail in a file', () => {
  test('is what was written, record by record; other lines are no records', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'igrid-trail-'));
    try {
      const { records, head } = trailOf(3);
      const file = join(folder, 'trail');
      await writeFile(file, records.map(trailLine).join(''));
      const read: Buffer[] = [];
      for await (const record of recordsOfFile(file)) {
        read.push(record);
      }
      expect(read).toEqual(records);
      expect(checkOf(read, head).verdict().isWhole).toBe(true);
      await writeFile(file, 'no record\n');
      const check = new TrailCheck();
      for await (const record of recordsOfFile(file)) {
        check.add(record);
      }
      expect(check.verdict()).toEqual({ isWhole: false, record: 0, reason: 'the first record is no audit record' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the command line', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('takes either brokers or a file, and a head', () => {
    const { head } = trailOf(1);
    expect(parseCommandLine(['--file', '/tmp/trail', '--head', headText(head)])).toMatchObject({
      file: '/tmp/trail',
      head,
    });
    expect(parseCommandLine(['--brokers', 'a:9092']).brokers).toEqual(['a:9092']);
  });

  test.each([
    [[], 'give either --brokers or --file'],
    [['--brokers', 'a:9092', '--file', 'trail'], 'give either --brokers or --file'],
    [['--file', 'trail', '--save', 'copy'], 'leave out --file'],
    [['--file', 'trail', '--head', '12'], '64 hexadecimal digits'],
  ])('refuses %j', (args, reason) => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(() => parseCommandLine(args)).toThrow();
    expect(write.mock.calls.map(([text]) => String(text)).join('')).toContain(reason);
  });
});
