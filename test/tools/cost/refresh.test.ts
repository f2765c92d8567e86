import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { repositoryPath } from '../../../src/files/repository.ts';
import { PRICES } from '../../../tools/cost/prices.ts';
import { fieldsOf, PriceListError } from '../../../tools/cost/refresh/csv.ts';
import { offerUrl, refresh } from '../../../tools/cost/refresh/refresh.ts';
import { formatted } from '../../../tools/cost/refresh/refresh-file.ts';
import { ruleOf } from '../../../tools/cost/refresh/rules.ts';

/** An extract in the form that AWS documents: what the file says of itself, the header, a row for each price. */
const ABOUT = [
  '"FormatVersion","v1.0"',
  '"Disclaimer","This pricing list is for informational purposes only."',
  '"Publication Date","2026-11-20T00:00:00Z"',
];
const HEADER =
  '"SKU","TermType","PriceDescription","StartingRange","Unit","PricePerUnit","Currency","usageType","operation","Tenancy","Operating System","Pre Installed S/W","CapacityStatus"';
const row = (
  usageType: string,
  usd: string,
  { term = 'OnDemand', from = '0', tenancy = 'Shared', os = 'Linux', operation = 'RunInstances' } = {},
) =>
  `"SKU1","${term}","$${usd} per ""unit"", about","${from}","Hrs","${usd}","USD","${usageType}","${operation}","${tenancy}","${os}","NA","Used"`;

const known = (prices: typeof PRICES.prices) => ({ ...PRICES, prices });
const ENTRY = { usd: 1, per: 'hour', source: 'authors', date: '2026-11-23' } as const;

async function* listOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* await Promise.resolve(lines);
}

const from = (files: Readonly<Record<string, readonly string[]>>) => (url: string) =>
  listOf([...ABOUT, HEADER, ...(files[url] ?? [])]);

const EC2 = offerUrl('AmazonEC2', 'us-east-1');

describe('prices from the price list', () => {
  test('are those on demand, of Linux on shared hardware, with their source and day', async () => {
    const { prices, changed, missing } = await refresh(
      known({ 'ec2/m5.large': ENTRY, 'msk/kafka.m7g.large': ENTRY }),
      from({
        [EC2]: [
          row('BoxUsage:m5.large', '0.188', { os: 'Windows' }),
          row('BoxUsage:m5.large', '0.06', { term: 'Reserved' }),
          row('DedicatedUsage:m5.large', '0.102', { tenancy: 'Dedicated' }),
          row('BoxUsage:m5.large', '0.0960000000'),
          row('BoxUsage:m5.large2', '9'),
        ],
        [offerUrl('AmazonMSK', 'us-east-1')]: [row('USE1-Kafka.m7g.large', '0.2040000000', { operation: 'RunBroker' })],
      }),
      '2026-11-28',
    );
    expect(prices.prices).toEqual({
      'ec2/m5.large': { usd: 0.096, per: 'hour', source: 'price-list', date: '2026-11-28' },
      'msk/kafka.m7g.large': { usd: 0.204, per: 'hour', source: 'price-list', date: '2026-11-28' },
    });
    expect(changed).toContainEqual({ price: 'ec2/m5.large', before: 1, after: 0.096 });
    expect(missing).toEqual([]);
  });

  test('are those of the first tier, and of both directions where the list has one', async () => {
    const entry = { ...ENTRY, per: 'GB' } as const;
    const { prices } = await refresh(
      known({ 'traffic/cross-zone-gb': entry, 's3/put': entry }),
      from({
        [offerUrl('AWSDataTransfer', 'us-east-1')]: [row('DataTransfer-Regional-Bytes', '0.0100000000')],
        [offerUrl('AmazonS3', 'us-east-1')]: [
          row('Requests-Tier1', '0.0000050000'),
          row('Requests-Tier1', '0.0000040000', { from: '1000000' }),
        ],
      }),
      '2026-11-28',
    );
    expect(prices.prices['traffic/cross-zone-gb']?.usd).toBe(0.02);
    expect(prices.prices['s3/put']?.usd).toBe(0.000005);
  });

  test('stay as they are, and are named, where the list has none', async () => {
    const { prices, changed, missing } = await refresh(known({ 'ec2/m5.large': ENTRY }), from({}), '2026-11-28');
    expect(prices.prices).toEqual({ 'ec2/m5.large': ENTRY });
    expect([changed, missing]).toEqual([[], ['ec2/m5.large']]);
  });

  test('are not taken from something else', async () => {
    await expect(refresh(known({ 'kms/key': ENTRY }), () => listOf(['<html>', 'sorry']), '2026-11-28')).rejects.toThrow(
      PriceListError,
    );
    const noColumns = () => listOf(['"SKU","TermType"', '"A","OnDemand"']);
    await expect(refresh(known({ 'kms/key': ENTRY }), noColumns, '2026-11-28')).rejects.toThrow('PricePerUnit');
  });

  test('have a place in the list, every one', () => {
    expect(Object.keys(PRICES.prices).filter((price) => ruleOf(price) === undefined)).toEqual([]);
  });
});

test('a line of CSV has commas and quotes in its fields', () => {
  expect(fieldsOf('"a, ""b""",c,"",d')).toEqual(['a, "b"', 'c', '', 'd']);
});

test('the file of prices has the form in which it is written again', () => {
  expect(formatted(PRICES)).toBe(readFileSync(repositoryPath('tools', 'cost', 'prices.json'), 'utf8'));
});
