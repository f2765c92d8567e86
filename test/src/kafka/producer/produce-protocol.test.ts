import { createRequire } from 'node:module';

import { describe, expect, test } from '@jest/globals';

import { parseProduceAnswer, produceHeader } from '../../../../src/kafka/producer/produce-protocol.ts';

const require = createRequire(import.meta.url);
const response = require('kafkajs/src/protocol/requests/produce/v7/response') as {
  decode: (payload: Buffer) => Promise<object>;
};

describe('a Produce request', () => {
  test('begins, byte for byte, as the protocol says', () => {
    const target = { topic: 'powerraw', partition: 5, timeoutMs: 5_000 };
    expect(produceHeader(target, 'igrid-ü', 77, 1_000).toString('hex')).toBe(
      [
        '0000041c', // length of all that follows, the batch's 1,000 bytes included
        '0000' + '0007' + '0000004d', // Produce, version 7, correlation id
        '0008' + '69677269642dc3bc', // client id
        'ffff', // no transactional id
        'ffff' + '00001388', // acks=all, timeout
        '00000001' + '0008' + '706f776572726177', // one topic
        '00000001' + '00000005' + '000003e8', // one partition, length of its batch
      ].join(''),
    );
  });
});

describe('the answer to a Produce request', () => {
  const answer = Buffer.from(
    [
      '00000001' + '0008' + '706f776572726177',
      '00000001' + '00000005' + '0013' + '00000000000000ff',
      'ffffffffffffffff' + '0000000000000010',
      '000001f4',
    ].join(''),
    'hex',
  );

  test("is read as kafkajs' own decoder reads it", async () => {
    expect(parseProduceAnswer(answer)).toEqual({ partition: 5, errorCode: 19, baseOffset: 255n, throttleMs: 500 });
    await expect(response.decode(answer)).resolves.toMatchObject({
      topics: [{ topicName: 'powerraw', partitions: [{ partition: 5, errorCode: 19, baseOffset: '255' }] }],
      clientSideThrottleTime: 500,
    });
  });

  test('is refused when it is about anything but one partition', () => {
    const twoTopics = Buffer.from(answer);
    twoTopics.writeInt32BE(2, 0);
    expect(() => parseProduceAnswer(twoTopics)).toThrow('an answer for 2 topics and 1 partitions to a request of one');
    expect(() => parseProduceAnswer(answer.subarray(0, 30))).toThrow('out of range');
  });
});
