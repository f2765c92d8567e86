import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { InvalidArgumentError } from 'commander';

import { brokers, path } from '../../../src/command-line/option-parsers.ts';

describe('addresses of brokers', () => {
  test('are hosts with ports, with commas between several', () => {
    expect(brokers('b-1.kafka:9092, 10.0.0.2:65535')).toEqual(['b-1.kafka:9092', '10.0.0.2:65535']);
  });

  test.each(['', 'kafka', 'kafka:', ':9092', 'kafka:0', 'kafka:65536', 'kafka:99999', 'kafka:9o92', 'a:1,', 'a b:1'])(
    'are refused with what is allowed: %j',
    (text) => {
      expect(() => brokers(text)).toThrow(/host:port, the port from 1 to 65535/);
    },
  );

  test.each(['[::1]:9092', '::1', 'fe80::1:9092', 'kafka:9092,[2001:db8::1]:9092'])(
    'are refused as IPv6, which the client takes for another address: %s',
    (text) => {
      expect(() => brokers(text)).toThrow(/IPv6 address can't be used/);
    },
  );
});

describe('a path', () => {
  test('is absolute, from where the user stands', () => {
    expect(path('data')).toBe(join(process.cwd(), 'data'));
    expect(path('/data')).toBe('/data');
  });

  test('is refused when it is empty', () => {
    expect(() => path('')).toThrow(InvalidArgumentError);
  });
});
