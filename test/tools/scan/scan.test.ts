import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

import type { Check } from '../../../tools/scan/candidate.ts';
import { describeScan } from '../../../tools/scan/describe.ts';
import { isClean, scan, type ScanReport } from '../../../tools/scan/scan.ts';
import { settledScan } from '../../../tools/scan/settle.ts';

const SCOPE = { name: 'igrid', account: '123456789012', region: 'eu-central-1' };

const of = (...ids: string[]): Check =>
  async function* () {
    for (const id of ids) {
      yield await Promise.resolve({ type: 'AWS::X::Y', id, names: [id], state: 'alive' });
    }
  };

const refusing: Check = async function* () {
  yield await Promise.resolve({ type: 'AWS::X::Y', id: 'igrid-seen', names: ['igrid-seen'] });
  throw Object.assign(new Error('not authorized to perform: x:List'), { name: 'AccessDeniedException' });
};

describe('a scan', () => {
  let cloudFormation: AwsClientStub<CloudFormationClient>;
  beforeEach(() => {
    cloudFormation = mockClient(CloudFormationClient);
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] });
  });
  afterEach(() => cloudFormation.restore());

  test('lists what is left, and is not clean then', async () => {
    const report = await scan(SCOPE, 'dev', { X: of('igrid-b', 'igrid-a', 'other') });
    expect(report.left.map(({ id }) => id)).toEqual(['igrid-a', 'igrid-b']);
    expect(isClean(report)).toBe(false);
  });

  test('is clean when only others are there', async () => {
    expect(isClean(await scan(SCOPE, 'dev', { X: of('other') }))).toBe(true);
  });

  test('is not clean when a service refuses, names it, and keeps what it had seen', async () => {
    const report = await scan(SCOPE, 'dev', { X: refusing, Y: of('other') });
    expect(report.unknown).toEqual([
      { service: 'X', error: 'AccessDeniedException: not authorized to perform: x:List' },
    ]);
    expect(report.left.map(({ id }) => id)).toEqual(['igrid-seen']);
    expect(isClean({ ...report, left: [] })).toBe(false);
  });

  test("leaves another deployment's things alone, whose name begins with this one's", async () => {
    const Tags = [{ Key: 'project', Value: 'igrid-north' }];
    const Stacks = [
      { StackName: 'igrid-north-network', StackStatus: 'CREATE_COMPLETE' as const, CreationTime: new Date(), Tags },
    ];
    cloudFormation.on(DescribeStacksCommand).resolves({ Stacks });
    expect((await scan(SCOPE, 'dev', { X: of('igrid-north-x') })).left).toEqual([]);
  });

  test('tells what is left, what may stay and why, and what is not known', async () => {
    const report = await scan(SCOPE, 'dev', {
      X: refusing,
      M: async function* () {
        yield await Promise.resolve({ type: 'CloudWatch metrics', id: 'iGrid/igrid (3)', names: ['igrid'] });
      },
    });
    const text = describeScan('igrid', report).join('\n');
    expect(text).toMatch(/must go:\n {2}AWS::X::Y {2}igrid-seen/);
    expect(text).toMatch(/May stay: .*expire.*:\n {2}CloudWatch metrics {2}iGrid\/igrid \(3\)/);
    expect(text).toContain('X: AccessDeniedException');
    expect(text).toContain('igrid: 1 left, 1 may stay, 1 services not known.');
  });
});

describe('a scan after a destroy', () => {
  const remnant = (type: string) => ({ service: 'X', type, id: 'igrid-x', state: '' });
  const report = (...left: string[]): ScanReport => ({ left: left.map(remnant), allowed: [], unknown: [] });
  const looks = (...reports: ScanReport[]) => {
    let taken = 0;
    const look = () => Promise.resolve(reports[Math.min(taken++, reports.length - 1)] ?? report());
    return { look, count: () => taken };
  };

  test('looks again while something is going, and ends once it is gone', async () => {
    const { look, count } = looks(report('AWS::EC2::NetworkInterface'), report('AWS::EC2::NetworkInterface'), report());
    expect(isClean(await settledScan(SCOPE, 'dev', 60_000, look, 1))).toBe(true);
    expect(count()).toBe(3);
  });

  test('does not wait for a stack, which is no longer being destroyed', async () => {
    const { look, count } = looks(report('AWS::CloudFormation::Stack'), report());
    expect(isClean(await settledScan(SCOPE, 'dev', 60_000, look, 1))).toBe(false);
    expect(count()).toBe(1);
  });

  test('ends when its patience does', async () => {
    const { look } = looks(report('AWS::EC2::NetworkInterface'));
    expect(isClean(await settledScan(SCOPE, 'dev', 20, look, 5))).toBe(false);
  });
});
