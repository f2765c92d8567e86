import type { StackStatus } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { DESTROY_LOOKS, preflight } from '../../../../tools/deploy/preflight.ts';
import { DEPLOYMENTS } from '../../../support/deployments.ts';
import { type FreshAccount, freshAccount, haveStack, PLACE } from '../../../support/fresh-account.ts';

const SEED = DEPLOYMENTS.seed();

let account: FreshAccount;
beforeEach(() => {
  account = freshAccount();
});
afterEach(() => account.restore());

describe('before a deployment', () => {
  test.each<StackStatus>(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS'])(
    'a stack in %s is fine',
    async (status) => {
      haveStack(account, 'igrid-druid', status);
      expect(await preflight(SEED, PLACE)).toEqual([]);
    },
  );

  test.each<[StackStatus, string]>([
    ['ROLLBACK_COMPLETE', 'deletes it and creates it again'],
    ['ROLLBACK_FAILED', 'deletes it and creates it again'],
    ['CREATE_FAILED', 'rolls it back first'],
    ['UPDATE_FAILED', 'rolls it back first'],
  ])('a stack in %s needs no action: a note says what the deployment does', async (status, text) => {
    haveStack(account, 'igrid-kafka', status);
    expect(await preflight(SEED, PLACE)).toEqual([
      { kind: 'note', text: expect.stringMatching(new RegExp(`igrid-kafka is in ${status}.*${text}`)) },
    ]);
  });

  test.each<[StackStatus, string]>([
    [
      'UPDATE_ROLLBACK_FAILED',
      'aws cloudformation continue-update-rollback --stack-name igrid-kafka --region eu-central-1',
    ],
    ['DELETE_FAILED', 'npm run destroy'],
    ['CREATE_IN_PROGRESS', 'aws cloudformation describe-stacks --stack-name igrid-kafka'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'aws cloudformation describe-stacks --stack-name igrid-kafka'],
    ['DELETE_IN_PROGRESS', 'aws cloudformation describe-stacks --stack-name igrid-kafka'],
  ])('a stack in %s stops it with the command that fixes it', async (status, command) => {
    haveStack(account, 'igrid-kafka', status);
    expect(await preflight(SEED, PLACE)).toEqual([{ kind: 'problem', text: expect.stringContaining(command) }]);
  });

  test('a first deployment of prod that failed is no problem: npm run deploy takes its protection off', async () => {
    haveStack(account, 'igrid-foundation', 'ROLLBACK_COMPLETE', { isProtected: true });
    expect((await preflight(DEPLOYMENTS.prod(), PLACE)).map(({ kind }) => kind)).toEqual(['note']);
  });
});

describe('before a destroy', () => {
  test.each<StackStatus>([
    'CREATE_COMPLETE',
    'ROLLBACK_COMPLETE',
    'DELETE_FAILED',
    'UPDATE_ROLLBACK_FAILED',
    'CREATE_IN_PROGRESS',
  ])('a stack in %s may go', async (status) => {
    haveStack(account, 'igrid-druid', status);
    expect(await preflight(SEED, PLACE, DESTROY_LOOKS)).toEqual([]);
  });

  test('a stack that is being updated stops it', async () => {
    haveStack(account, 'igrid-druid', 'UPDATE_IN_PROGRESS');
    expect(await preflight(SEED, PLACE, DESTROY_LOOKS)).toEqual([
      { kind: 'problem', text: expect.stringContaining('igrid-druid is in UPDATE_IN_PROGRESS') },
    ]);
  });

  test('a stack that prod has protected stops it, whatever the configuration says now', async () => {
    haveStack(account, 'igrid-druid', 'CREATE_COMPLETE', { isProtected: true });
    expect(await preflight(SEED, PLACE, DESTROY_LOOKS)).toEqual([
      { kind: 'problem', text: expect.stringContaining('"End a prod deployment" in docs/operate/deploy.md') },
    ]);
  });
});
