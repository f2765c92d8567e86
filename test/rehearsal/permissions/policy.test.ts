import { describe, expect, it } from '@jest/globals';

import { grantsOf, matches, servicesOf } from '../../../rehearsal/permissions/policy.ts';

describe('a pattern of a policy', () => {
  it('takes any characters for an asterisk and one for a question mark', () => {
    expect(matches('s3:Get*', 's3:GetObject')).toBe(true);
    expect(matches('arn:aws:s3:::b?g/*', 'arn:aws:s3:::bag/a/b')).toBe(true);
    expect(matches('arn:aws:s3:::b?g/*', 'arn:aws:s3:::baag/a')).toBe(false);
    expect(matches('s3:Get', 's3:GetObject')).toBe(false);
  });

  it('means every other character as it stands', () => {
    expect(matches('a.c', 'abc')).toBe(false);
    expect(matches('a.c+(d)', 'a.c+(d)')).toBe(true);
  });

  it('knows upper from lower case in resources only', () => {
    expect(matches('s3:getobject', 's3:GetObject', 'i')).toBe(true);
    expect(matches('arn:aws:s3:::A', 'arn:aws:s3:::a')).toBe(false);
  });
});

describe('reading policies', () => {
  it('takes what is allowed, alone or in lists, and nothing that is denied', () => {
    const policy = {
      Statement: [
        { Effect: 'Allow', Action: 's3:GetObject', Resource: ['a', 'b'] },
        { Effect: 'Deny', Action: ['s3:PutObject'], Resource: '*' },
        { Effect: 'Allow', NotAction: 's3:PutObject', Resource: '*' },
      ],
    };
    expect(grantsOf(policy)).toEqual([{ actions: ['s3:GetObject'], resources: ['a', 'b'] }]);
  });

  it('names the services that may assume a role', () => {
    const trust = { Statement: [{ Principal: { Service: 'lambda.amazonaws.com' } }, { Principal: { AWS: '*' } }] };
    expect(servicesOf(trust)).toEqual(['lambda.amazonaws.com']);
  });

  it('refuses what is no policy', () => {
    expect(() => grantsOf(null)).toThrow();
    expect(() => servicesOf({ Statement: 'none' })).toThrow();
  });
});
