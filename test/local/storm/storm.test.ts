import { describe, expect, test } from '@jest/globals';

import { FAULTS, type Incident, plan } from '../../../local/storm/storm.ts';
import { stormTable } from '../../../local/storm/table.ts';

const NAMES = ['kafka', 'zookeeper', 'replay', 'canary', 'audit'];

const first = (seed: number, count: number, names: readonly string[] = NAMES) => {
  const steps = plan(seed, names);
  return Array.from({ length: count }, () => steps.next().value);
};

describe('a storm', () => {
  test('does the same again with the same seed, whatever order processes were started in', () => {
    expect(first(7, 50)).toEqual(first(7, 50, [...NAMES].reverse()));
    expect(first(7, 50)).not.toEqual(first(8, 50));
  });

  test('hits everything in each round, with every kind of fault in the end', () => {
    const steps = first(1, 10 * NAMES.length);
    for (let round = 0; round < 10; round += 1) {
      const hit = steps.slice(round * NAMES.length, (round + 1) * NAMES.length).map(({ target }) => target);
      expect(hit.sort()).toEqual([...NAMES].sort());
    }
    expect(new Set(steps.map(({ fault }) => fault))).toEqual(new Set(FAULTS));
  });

  test('stops processes for 1 to 30 s, and strikes at most a second early or late', () => {
    for (const { fault, stoppedMs, delayMs } of first(3, 300)) {
      expect(Math.abs(delayMs)).toBeLessThanOrEqual(1_000);
      expect(stoppedMs >= 1_000 && stoppedMs <= 30_000).toBe(fault === 'stop');
      if (fault !== 'stop') {
        expect(stoppedMs).toBe(0);
      }
    }
  });

  test('is told in a table: how often, and how long until healthy, with what never was', () => {
    const incident = (target: string, fault: Incident['fault'], recoveredMs?: number): Incident => ({
      ...{ atMs: 0, target, fault, stoppedMs: 0 },
      ...(recoveredMs !== undefined && { recoveredMs }),
    });
    const table = stormTable([
      incident('replay', 'kill', 4_210),
      incident('kafka', 'stop', 0),
      incident('replay', 'kill'),
    ]);
    expect(table).toHaveLength(3);
    expect(table[1]).toMatch(/kafka +- +1: 0\.0 +-/);
    expect(table[2]).toMatch(/replay +2: 4\.2, never/);
  });
});
