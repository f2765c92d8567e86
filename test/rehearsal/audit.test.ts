import { describe, expect, it } from '@jest/globals';

import { type Counted, describe as inWords, disagreements } from '../../rehearsal/audit.ts';

const WHOLE: Counted = {
  acknowledged: 90,
  kafka: {
    event: 'audit',
    records: { powerraw: 100, dutycycle: 20, history: 6, deadletter: 0 },
    readings: { replay: 0, canary: 0, repeated: 0 },
    positions: {},
    newest_ms: 1,
    windows: { expected: 20, found: 20, repeats: 0, missing: 0, unexpected: 0 },
    history: { found: 6, repeats: 0, from_ms: 1 },
  },
  druid: { powerraw: 100, replayed: 90, dutycycle: 20, history: 6 },
};

describe('the counts of a rehearsed deployment', () => {
  it('agree when Kafka and Druid have what the replay had acknowledged, and every window once', () => {
    expect(disagreements(WHOLE, true)).toEqual([]);
    expect(inWords(WHOLE)).toContain('90 acknowledged, 100 in Kafka');
  });

  it.each<[string, Partial<Counted>]>([
    ['Kafka has 100 readings, Druid 99', { druid: { ...WHOLE.druid, powerraw: 99 } }],
    ['the replay had 91 readings acknowledged, Druid has 90 of them', { acknowledged: 91 }],
    [
      '1 windows are missing in Kafka',
      { kafka: { ...WHOLE.kafka, windows: { ...WHOLE.kafka.windows, expected: 21, missing: 1 } } },
    ],
    ['Kafka has 20 windows, Druid 21', { druid: { ...WHOLE.druid, dutycycle: 21 } }],
    ['Kafka has 6 messages of history, Druid 5', { druid: { ...WHOLE.druid, history: 5 } }],
    ['1 dead letters', { kafka: { ...WHOLE.kafka, records: { ...WHOLE.kafka.records, deadletter: 1 } } }],
  ])('disagree when %s', (said, change) => {
    expect(disagreements({ ...WHOLE, ...change }, true)).toContain(said);
  });

  it('may hold windows twice in Kafka, and readings that were never confirmed, once something was killed', () => {
    const killed: Counted = {
      ...WHOLE,
      acknowledged: 80,
      kafka: { ...WHOLE.kafka, windows: { ...WHOLE.kafka.windows, repeats: 3 } },
    };
    expect(disagreements(killed, false)).toEqual([]);
    expect(disagreements(killed, true)).toHaveLength(2);
  });

  it('say nothing when there was nothing', () => {
    const empty: Counted = {
      acknowledged: 0,
      kafka: {
        ...WHOLE.kafka,
        records: { powerraw: 0, dutycycle: 0, history: 0, deadletter: 0 },
        windows: { expected: 0, found: 0, repeats: 0, missing: 0, unexpected: 0 },
        history: { found: 0, repeats: 0, from_ms: 0 },
      },
      druid: { powerraw: 0, replayed: 0, dutycycle: 0, history: 0 },
    };
    expect(disagreements(empty, true)).toEqual(['there is nothing to compare']);
  });
});
