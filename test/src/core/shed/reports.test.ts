import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { jitterMs } from '../../../../src/core/shed/jitter.ts';
import { houseTopic, MQTT_KINDS, parseHouseTopic, STOP_TOPIC } from '../../../../src/core/shed/mqtt-topics.ts';
import { MAX_REPORT_BYTES, parseReport, type Report, reportText } from '../../../../src/core/shed/reports.ts';

const report: Report = { type: 'optouts', version: 1, house: '1_0_1', at: 5, optouts: [{ appliance: '1_0_1_5' }] };

describe('a report', () => {
  test('survives being sent', () => {
    expect(parseReport('optout', '1_0_1', Buffer.from(reportText(report)))).toEqual(report);
  });

  test('that is none is counted under its reason', () => {
    const parse = (text: string, from = '1_0_1'): unknown => parseReport('optout', from, Buffer.from(text));
    expect(parse('{')).toBe('json');
    expect(parse('{}')).toBe('shape');
    expect(parse(reportText(report), '1_0_2')).toBe('house');
    expect(parse(' '.repeat(MAX_REPORT_BYTES + 1))).toBe('too_long');
    expect(parseReport('ack', '1_0_1', Buffer.from(reportText(report)))).toBe('shape');
  });

  test('is never thrown over, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MQTT_KINDS), fc.uint8Array(), (kind, bytes) => {
        expect(typeof parseReport(kind, '1_0_1', Buffer.from(bytes))).toBe('string');
      }),
    );
  });
});

describe('topics', () => {
  test('name the house and the kind, and nothing else is a topic of a house', () => {
    expect(houseTopic('1_0_1', 'ack')).toBe('igrid/v1/1_0_1/ack');
    expect(parseHouseTopic('igrid/v1/1_0_1/ack')).toEqual({ house: '1_0_1', kind: 'ack' });
    for (const topic of [STOP_TOPIC, 'igrid/v1/1_0_1', 'igrid/v2/1_0_1/ack', 'igrid/v1//ack', 'igrid/v1/1_0_1/ack/x']) {
      expect(parseHouseTopic(topic)).toBeUndefined();
    }
  });
});

describe('jitter', () => {
  test('is the same for the same event, appliance and side, within its maximum, and spread over it', () => {
    const draws = Array.from({ length: 1_000 }, (_, index) => jitterMs('e1', `1_0_${index}_5`, 'start', 60_000));
    expect(jitterMs('e1', '1_0_0_5', 'start', 60_000)).toBe(draws[0]);
    expect(jitterMs('e1', '1_0_0_5', 'release', 60_000)).not.toBe(draws[0]);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThanOrEqual(60_000);
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    expect(Math.abs(mean - 30_000)).toBeLessThan(3_000);
    expect(jitterMs('e1', '1_0_0_5', 'start', 0)).toBe(0);
  });
});
