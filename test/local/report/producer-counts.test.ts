import { describe, expect, test } from '@jest/globals';

import { ReadingAuditor } from '../../../engines/audit/readings.ts';
import { ProducerCounts } from '../../../local/report/producer-counts.ts';

const said = (sent: number, acknowledged = sent) => ({ sent, acknowledged });

describe('the counts of a producer', () => {
  test('are its own words when each of its processes ended in order, whatever the topic holds', () => {
    const counts = new ProducerCounts();
    counts.started();
    counts.said(said(90, 80), false);
    counts.said(said(100), true);
    counts.started();
    counts.said(said(50), true);
    expect(counts.lastWords).toEqual(said(150));
    expect(counts.against(149)).toEqual(said(150));
    expect(counts.against(151)).toEqual(said(150));
  });

  test('are what Kafka has of a process that was killed, beside what the others said', () => {
    const counts = new ProducerCounts();
    counts.started();
    counts.said(said(100, 95), false);
    counts.started();
    counts.said(said(50), true);
    // 120 of the killed one: it sent more after its last words.
    expect(counts.against(170)).toEqual(said(170));
  });

  test('show a loss: a killed process had more acknowledged than there is', () => {
    const counts = new ProducerCounts();
    counts.started();
    counts.said(said(100, 95), false);
    expect(counts.against(94)).toEqual(said(95));
  });

  test('leave it to Kafka as well when the last process was killed, or ended with unconfirmed readings', () => {
    for (const isFinal of [true, false]) {
      const counts = new ProducerCounts();
      counts.started();
      counts.said(said(100, 95), isFinal);
      expect(counts.against(98)).toEqual(said(98));
    }
  });
});

describe('the reader of readings', () => {
  test('tells who sent them, and finds one that is there twice or out of order', () => {
    const auditor = new ReadingAuditor();
    for (const house of ['1_0_1', '1_0_1', '0_canary', undefined]) {
      auditor.count(house);
    }
    auditor.live('1_0_1_1', 1_000);
    auditor.live('1_0_1_2', 1_000);
    auditor.live('1_0_1_1', 2_000);
    expect(auditor.audit()).toEqual({ replay: 3, canary: 1, repeated: 0 });
    auditor.live('1_0_1_1', 2_000);
    auditor.live('1_0_1_1', 1_500);
    auditor.live('1_0_1_1', 3_000);
    expect(auditor.audit().repeated).toBe(2);
  });
});
