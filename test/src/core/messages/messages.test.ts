import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { MessageFormatError } from '../../../../src/core/messages/codec.ts';
import {
  deadletter,
  dutycycle,
  history,
  powerraw,
  shedaudit,
  shedevent,
} from '../../../../src/core/messages/messages.ts';

const reading = {
  house_id: '1_0_1',
  appliance_name: 'refrigerator',
  appliance_id: '1_0_1_5',
  timestamp: 1_700_000_000_000,
  power: 191.5,
  interval_ms: 125,
};

// Written out from the Avro specification: a string is its length and its bytes, an int or a long a zigzag varint,
// a float 4 and a double 8 bytes with the lowest first. Changing any of these changes what old readers see: a new topic.
const HOUSE = '0a' + '315f305f31';
const APPLIANCE = '0e' + '315f305f315f35';
const NAME = '18' + '726566726967657261746f72';
const INSTANT = '80a0abfef962';

describe('the bytes of a topic', () => {
  test('powerraw is house, name, appliance, timestamp, power, interval and nothing else', () => {
    expect(powerraw.encode(reading).toString('hex')).toBe(HOUSE + NAME + APPLIANCE + INSTANT + '00803f43' + 'fa01');
  });

  test('dutycycle is house, appliance, name, window, ratios, sums and nothing else', () => {
    const message = {
      house_id: '1_0_1',
      appliance_id: '1_0_1_5',
      appliance_name: 'refrigerator',
      window_start: 1_700_000_000_000,
      window_end: 1_700_000_025_000,
      duty_cycle: 0.25,
      coverage: 1,
      on_ms: 6_250,
      observed_ms: 25_000,
      mean_power: 48.5,
      readings: 200,
    };
    expect(dutycycle.encode(message).toString('hex')).toBe(
      HOUSE +
        APPLIANCE +
        NAME +
        INSTANT +
        'd0a6aefef962' +
        '000000000000d03f' +
        '000000000000f03f' +
        'd461' +
        'd08603' +
        '0000000000404840' +
        '9003',
    );
  });

  test('shedevent is event, house, timestamp, revision, phase, state and nothing else', () => {
    const message = {
      event_id: '1_0_1',
      house_id: '1_0_1',
      timestamp: 1_700_000_000_000,
      revision: 200,
      phase: 'refrigerator',
      state: '1_0_1_5',
    };
    expect(shedevent.encode(message).toString('hex')).toBe(HOUSE + HOUSE + INSTANT + '9003' + NAME + APPLIANCE);
  });

  test('shedaudit is index, timestamp, event, kind, actor, detail, hash and nothing else', () => {
    const message = {
      index: 200,
      timestamp: 1_700_000_000_000,
      event_id: '1_0_1',
      kind: 'refrigerator',
      actor: '1_0_1',
      detail: '1_0_1_5',
      previous: Buffer.from('0102', 'hex'),
    };
    const bytes = '9003' + INSTANT + HOUSE + NAME + HOUSE + APPLIANCE + '04' + '0102';
    expect(shedaudit.encode(message).toString('hex')).toBe(bytes);
  });

  test('history is house, appliance, name, slot, mean power, days, coverage and nothing else', () => {
    const message = {
      house_id: '1_0_1',
      appliance_id: '1_0_1_5',
      appliance_name: 'refrigerator',
      timestamp: 1_700_000_000_000,
      mean_power: 48.5,
      days: 5,
      coverage: 0.75,
    };
    expect(history.encode(message).toString('hex')).toBe(
      HOUSE + APPLIANCE + NAME + INSTANT + '0000000000404840' + '0a' + '000000000000e83f',
    );
  });

  test('deadletter is where it stood, why, and the bytes unchanged', () => {
    const message = {
      topic: 'powerraw',
      partition: 3,
      offset: 4_000_000_000,
      reason: 'avro',
      bytes: Buffer.from([0, 255]),
    };
    expect(deadletter.encode(message).toString('hex')).toBe(
      '10' + '706f776572726177' + '06' + '80a0d9e61d' + '08' + '6176726f' + '04' + '00ff',
    );
  });
});

describe('a message codec', () => {
  test('gives back what went in, whatever the text and the numbers', () => {
    const message = fc.record({
      house_id: fc.string({ unit: 'binary' }),
      appliance_name: fc.string({ unit: 'binary' }),
      appliance_id: fc.string({ unit: 'binary' }),
      timestamp: fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
      power: fc.float({ noNaN: true, noDefaultInfinity: true }),
      interval_ms: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    });
    fc.assert(
      fc.property(message, (given) => {
        expect(powerraw.decode(powerraw.encode(given))).toEqual(given);
      }),
    );
  });

  test.each([
    ['nothing at all', Buffer.alloc(0)],
    ['a message cut short', powerraw.encode(reading).subarray(0, -1)],
    ['a message with a byte too many', Buffer.concat([powerraw.encode(reading), Buffer.from([1])])],
    [
      'a schema registry header before the message',
      Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), powerraw.encode(reading)]),
    ],
    ['text', Buffer.from('{"house_id":"1_0_1"}')],
    ['a power that is not a number', powerraw.encode({ ...reading, power: NaN })],
  ])('refuses %s', (_, bytes) => {
    expect(() => powerraw.decode(bytes)).toThrow(MessageFormatError);
  });

  test.each([
    ['a fraction of a millisecond', { ...reading, timestamp: 1.5 }],
    ['a timestamp beyond the exact integers', { ...reading, timestamp: 2 ** 60 }],
    ['an interval beyond 32 bits', { ...reading, interval_ms: 2 ** 40 }],
  ])('does not write %s', (_, message) => {
    expect(() => powerraw.encode(message)).toThrow();
  });
});
