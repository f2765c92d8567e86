import { describe, expect, test } from '@jest/globals';

import { isTimeZone, LocalClock } from '../../../../src/core/clock/local-clock.ts';

const at = (iso: string): number => Date.parse(iso);
const dayOf = (date: string): number => at(`${date}T00:00:00Z`) / 86_400_000;

describe('a local clock', () => {
  test.each([
    ['Europe/Rome', '2014-03-30T00:59:59Z', 1],
    ['Europe/Rome', '2014-03-30T01:00:00Z', 2],
    ['Europe/Rome', '2014-10-26T00:59:59Z', 2],
    ['Europe/Rome', '2014-10-26T01:00:00Z', 1],
    ['Asia/Kathmandu', '2014-10-26T01:00:00Z', 5.75],
    ['UTC', '2014-10-26T01:00:00Z', 0],
  ])('of %s is ahead of UTC at %s by %d h', (zone, instant, hours) => {
    const clock = new LocalClock(zone);
    expect(clock.offsetAt(at(instant)) / 3_600_000).toBe(hours);
    // Whatever it was asked before.
    clock.offsetAt(at('2014-01-01T00:00:00Z'));
    expect(clock.offsetAt(at(instant)) / 3_600_000).toBe(hours);
  });

  test.each([
    ['Europe/Rome', '2014-03-30', '2014-03-29T23:00:00Z'],
    ['Europe/Rome', '2014-03-31', '2014-03-30T22:00:00Z'],
    ['America/New_York', '2011-11-07', '2011-11-07T05:00:00Z'],
    // The clock goes from 0 to 1 at midnight, and back from 0 to 23.
    ['America/Sao_Paulo', '2013-10-20', '2013-10-20T03:00:00Z'],
    ['America/Sao_Paulo', '2014-02-16', '2014-02-16T03:00:00Z'],
  ])('of %s starts %s at %s', (zone, date, start) => {
    const clock = new LocalClock(zone);
    expect(new Date(clock.startOf(dayOf(date))).toISOString()).toBe(new Date(start).toISOString());
    expect(clock.dayOf(at(start))).toBe(dayOf(date));
    expect(clock.dayOf(at(start) - 1)).toBe(dayOf(date) - 1);
  });

  test('knows the changes of a year, to the second', () => {
    const changes = new LocalClock('Europe/Rome').changes(at('2014-01-01T00:00:00Z'), at('2015-01-01T00:00:00Z'));
    expect(changes.map(({ atMs, offsetMs }) => [new Date(atMs).toISOString(), offsetMs / 3_600_000])).toEqual([
      ['2014-03-30T01:00:00.000Z', 2],
      ['2014-10-26T01:00:00.000Z', 1],
    ]);
  });

  test('is of a zone that there is', () => {
    expect(['Europe/London', 'UTC', 'Europe/Lodnon', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});
