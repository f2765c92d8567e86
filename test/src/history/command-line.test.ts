import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CommanderError } from 'commander';

import { parseCommandLine } from '../../../src/history/command-line.ts';

const NEEDED = ['--brokers', 'b1:9092,b2:9092', '--druid', 'http://127.0.0.1:8888', '--slot', '2026-11-23T12:00:00Z'];

describe("the history program's command line", () => {
  let said = '';
  beforeEach(() => {
    said = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('takes a slot in ISO 8601 or in ms, and has a default for all but slot, brokers and Druid', () => {
    const settings = parseCommandLine(NEEDED);
    expect(settings).toMatchObject({
      slot: Date.UTC(2026, 10, 23, 12),
      days: 5,
      speed: 24,
      brokers: ['b1:9092', 'b2:9092'],
    });
    expect(parseCommandLine([...NEEDED, '--slot', String(settings.slot)]).slot).toBe(settings.slot);
  });

  test.each([
    [['--slot', 'yesterday'], '--slot'],
    [['--slot', '2026-11-23'], '--slot'],
    [['--speed', '0'], '--speed'],
    [['--days', '0'], '--days'],
    [['--days', '32'], '--days'],
    [['--brokers', 'nowhere'], '--brokers'],
    [['--druid', 'localhost:8888'], '--druid'],
    [['--patience', 'long'], '--patience'],
    [['--auth', 'iam'], '--region'],
    [['--druid-user', 'history'], '--druid-password-file'],
    [['--frobnicate'], '--frobnicate'],
  ])('refuses %p and names %s', (wrong, named) => {
    expect(() => parseCommandLine([...NEEDED, ...wrong])).toThrow(CommanderError);
    expect(said).toContain(named);
  });
});
