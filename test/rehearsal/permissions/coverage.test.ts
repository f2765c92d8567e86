import { describe, expect, it } from '@jest/globals';

import type { Call } from '../../../rehearsal/permissions/calls.ts';
import { coverage } from '../../../rehearsal/permissions/coverage.ts';
import { OUT_OF_SIGHT } from '../../../rehearsal/permissions/out-of-sight.ts';
import { matches, type Role } from '../../../rehearsal/permissions/policy.ts';
import { statements } from '../../support/iam.ts';
import { preset } from '../../support/synth.ts';

const BUCKET = 'arn:aws:s3:::data';

function role(over: Partial<Role> = {}): Role {
  return {
    name: 'replay/replayrole',
    physicalName: 'replay-replayrole-1A',
    assumedBy: ['ec2.amazonaws.com'],
    grants: [{ actions: ['s3:GetObject*', 's3:PutObject'], resources: [`${BUCKET}/*`] }],
    ...over,
  };
}

function call(over: Partial<Call> = {}): Call {
  return {
    role: 'replay-replayrole-1A',
    action: 's3:GetObject',
    resource: `${BUCKET}/a`,
    decision: 'allowed',
    ...over,
  };
}

describe("the coverage of a rehearsal's calls", () => {
  it('names denied calls by the role of the deployment', () => {
    const denied = call({ action: 's3:DeleteObject', decision: 'denied' });
    expect(coverage([role()], [call(), denied]).denied).toEqual([{ ...denied, role: 'replay/replayrole' }]);
  });

  it('keeps calls apart that only unknown conditions decide', () => {
    const found = coverage([role()], [call({ decision: 'assumed' })]);
    expect([found.assumed.length, found.denied.length]).toEqual([1, 0]);
  });

  it('leaves out roles that are not of the deployment', () => {
    const found = coverage([role()], [call({ role: 'cdk-hnb659fds-deploy-role', decision: 'denied' })]);
    expect([found.calls, found.callers, found.denied]).toEqual([0, 0, []]);
  });

  it('lists what was never called, and what a wildcard was used for', () => {
    const found = coverage([role()], [call(), call({ resource: `${BUCKET}/b` })]);
    expect(found.unused).toEqual([{ role: 'replay/replayrole', action: 's3:PutObject', resources: [`${BUCKET}/*`] }]);
    expect(found.broad).toEqual([{ role: 'replay/replayrole', action: 's3:GetObject*', seen: ['s3:GetObject'] }]);
  });

  it('takes a call on something else for no use of a permission', () => {
    const found = coverage([role()], [call({ action: 's3:PutObject', resource: 'arn:aws:s3:::other/a' })]);
    expect(found.unused.map(({ action }) => action)).toEqual(['s3:GetObject*', 's3:PutObject']);
  });

  it('takes a call whose resource is not known for a use of every permission for the action', () => {
    const found = coverage([role()], [call({ action: 's3:PutObject', resource: '*' })]);
    expect(found.unused.map(({ action }) => action)).toEqual(['s3:GetObject*']);
  });

  it('calls nothing unused that no request would show', () => {
    const grants = OUT_OF_SIGHT.map(({ actions }) => ({
      actions: actions.map((name) => name.replace('*', 'Any')),
      resources: ['*'],
    }));
    expect(coverage([role({ grants })], []).unused).toEqual([]);
  });

  it('says which roles AWS itself assumes, and nothing more of them', () => {
    const emr = role({ name: 'spark/emrrolesservice', assumedBy: ['elasticmapreduce.amazonaws.com'] });
    const found = coverage([emr], []);
    expect(found.unused).toEqual([]);
    expect(found.outOfSight).toEqual([{ role: emr.name, assumedBy: emr.assumedBy }]);
  });
});

describe('what a rehearsal can not see', () => {
  it.each(OUT_OF_SIGHT.flatMap(({ actions }) => actions))('%s is allowed by a role of the deployment', (pattern) => {
    const allowed = statements(preset('seed')).flatMap(({ Action }) => Action);
    expect(allowed.filter((action) => matches(pattern, action, 'i'))).not.toEqual([]);
  });
});
