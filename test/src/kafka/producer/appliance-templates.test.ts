import { describe, expect, test } from '@jest/globals';

import {
  ApplianceTemplates,
  MAX_TEMPLATE_BYTES,
  TEMPLATE,
} from '../../../../src/kafka/producer/appliance-templates.ts';

describe('appliance templates', () => {
  test('take less than 100 bytes for an appliance of a large grid', () => {
    const templates = new ApplianceTemplates();
    const appliances = 300_000;
    for (let index = 0; index < appliances; index += 1) {
      const houseId = `1_${Math.floor(index / 20)}_6`;
      const applianceId = `${houseId}_${index % 20}`;
      templates.add({ houseId, applianceId, applianceName: 'washer dryer' }, 5);
    }
    expect(templates.count).toBe(appliances);
    expect(templates.bytes / appliances).toBeLessThan(70);
  });

  test('hold what was put in, across the ends of blocks', () => {
    const templates = new ApplianceTemplates();
    const names = Array.from({ length: 100 }, (_, index) => String(index).repeat(20_000 - index));
    for (const [index, name] of names.entries()) {
      templates.add({ houseId: '1', applianceId: '1_1', applianceName: name }, 300 + index);
    }
    for (const [index, name] of names.entries()) {
      const place = templates.placeOf(index);
      const block = Buffer.from(templates.blockOf(place).buffer);
      const at = templates.offsetOf(place);
      expect(block.readUInt16LE(at + TEMPLATE.partition)).toBe(300 + index);
      expect(block.readUInt16LE(at + TEMPLATE.keyLength)).toBe(2);
      const texts = block.subarray(at + TEMPLATE.texts, at + TEMPLATE.texts + block.readUInt16LE(at + TEMPLATE.length));
      // Key "1", a length of three bytes, the name, then "1_1" with its length.
      expect(texts.subarray(5, -4).toString()).toBe(name);
    }
  });

  test('refuse texts that are too long for them, and unknown numbers', () => {
    const templates = new ApplianceTemplates();
    const tooLong = 'x'.repeat(MAX_TEMPLATE_BYTES);
    expect(() => templates.add({ houseId: '1', applianceId: '1_1', applianceName: tooLong }, 0)).toThrow(
      'appliance 1_1...: its ids and name take',
    );
    expect(templates.count).toBe(0);
    expect(() => templates.placeOf(0)).toThrow('no appliance 0');
  });
});
