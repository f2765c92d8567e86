import { DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeInstanceTypesCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { type PresetName, PRESETS } from '../../../lib/config/presets.ts';
import { note, problem, warning } from '../../../tools/deploy/looks/look.ts';
import { mustBeReady, preflight } from '../../../tools/deploy/preflight.ts';
import { DEPLOYMENTS } from '../../support/deployments.ts';
import { denied, type FreshAccount, freshAccount, PLACE } from '../../support/fresh-account.ts';

const SEED = DEPLOYMENTS.seed();

let account: FreshAccount;
beforeEach(() => {
  account = freshAccount();
});
afterEach(() => account.restore());

describe('the preflight', () => {
  test.each(Object.keys(PRESETS) as PresetName[])(
    'finds nothing against %s in a fresh account with room',
    async (name) => {
      expect(await preflight(DEPLOYMENTS[name](), PLACE)).toEqual([]);
    },
  );

  test('finds nothing against a prod deployment in a fresh account with room', async () => {
    expect(await preflight(DEPLOYMENTS.prod(), PLACE)).toEqual([]);
  });

  test('warns of a permission that is missing, by its action, and answers everything else', async () => {
    account.quotas.on(GetServiceQuotaCommand).rejects(denied('servicequotas:GetServiceQuota'));
    const refusal = denied('ec2:DescribeVpcs', 'UnauthorizedOperation');
    account.ec2.on(DescribeVpcsCommand).rejects(refusal);
    const findings = await preflight(SEED, PLACE);
    expect(findings.map(({ kind }) => kind)).toEqual(['warning', 'warning']);
    expect(findings.map(({ text }) => text).join('\n')).toMatch(
      /the vCPU quotas; .*: the role lacks servicequotas:GetServiceQuota; allow it/,
    );
    expect(findings.map(({ text }) => text).join('\n')).toMatch(
      /the quota of VPCs: the role lacks ec2:DescribeVpcs; allow it/,
    );
  });

  test('names what may be missing where the refusal does not', async () => {
    account.budgets.on(DescribeBudgetCommand).rejects(denied('', 'AccessDeniedException'));
    const [finding] = await preflight(SEED, PLACE);
    expect(finding).toMatchObject({ kind: 'warning' });
    expect(finding?.text).toMatch(/the role lacks one of .*budgets:ViewBudget/);
  });

  test('groups the looks that one missing permission leaves without an answer', async () => {
    account.cloudFormation.on(DescribeStacksCommand).rejects(denied('cloudformation:DescribeStacks', 'AccessDenied'));
    const findings = await preflight(SEED, PLACE);
    expect(findings).toHaveLength(1);
    expect(findings[0]?.text).toMatch(/the state of the stacks; .*: the role lacks cloudformation:DescribeStacks/);
  });

  test('stops at credentials that expire meanwhile, once', async () => {
    const expired = Object.assign(new Error('Token has expired'), { name: 'ExpiredToken' });
    account.ec2.on(DescribeVpcsCommand).rejects(expired);
    account.quotas.on(GetServiceQuotaCommand).rejects(expired);
    const findings = await preflight(SEED, PLACE);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'problem', text: expect.stringMatching(/have expired: log in again/) });
  });

  test('gives up a look that gets no answer, and no other', async () => {
    account.ec2.on(DescribeVpcsCommand).callsFake(() => new Promise(() => undefined));
    const findings = await preflight(SEED, PLACE, undefined, 200);
    expect(findings).toEqual([
      warning('not checked: whether the network stays as it is; the quota of VPCs: no answer within 0.2 s'),
    ]);
  });

  test('asks all services at once', async () => {
    let open = 0;
    let most = 0;
    const slow = async (): Promise<object> => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
      return {};
    };
    account.ec2.on(DescribeVpcsCommand).callsFake(slow);
    account.ec2.on(DescribeInstanceTypesCommand).callsFake(slow);
    account.budgets.on(DescribeBudgetCommand).callsFake(slow);
    await preflight(SEED, PLACE);
    expect(most).toBeGreaterThan(1);
  });
});

describe('what was found', () => {
  test('is printed line by line, and a problem stops', () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    expect(() => mustBeReady([problem('a'), problem('b'), warning('c'), note('d')], print)).toThrow(
      '2 problems (see above), nothing was changed',
    );
    expect(lines).toEqual(['problem: a', 'problem: b', 'warning: c', 'note: d']);
  });

  test('does not stop for warnings and notes', () => {
    expect(() => mustBeReady([warning('c'), note('d')], () => undefined)).not.toThrow();
  });
});
