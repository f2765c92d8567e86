import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

import { findPlace } from '../../../tools/deployment/place.ts';

const PLACE = { account: '123456789012', region: 'eu-central-1' };

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });
const coded = (code: string, message = `getaddrinfo ${code} sts.eu-central-1.amazonaws.com`): Error =>
  Object.assign(new Error(message), { code });

describe('before a deployment', () => {
  let sts: AwsClientStub<STSClient>;
  const environment = { ...process.env };
  beforeEach(() => {
    sts = mockClient(STSClient);
    sts.on(GetCallerIdentityCommand).resolves({ Account: PLACE.account });
  });
  afterEach(() => {
    sts.restore();
    process.env = { ...environment };
  });

  test('the account is that of the credentials, the region that of the configuration', async () => {
    expect(await findPlace(PLACE)).toEqual(PLACE);
    expect(await findPlace({ region: 'eu-central-1' })).toEqual(PLACE);
  });

  test('credentials of another account are refused', async () => {
    await expect(findPlace({ ...PLACE, account: '999999999999' })).rejects.toThrow(
      'the credentials belong to account 123456789012, the configuration names 999999999999',
    );
  });

  const refusals: readonly [string, Error, RegExp][] = [
    [
      'no credentials',
      named('CredentialsProviderError', 'Could not load credentials\nfrom any providers'),
      /^there are no valid AWS credentials: log in .*AWS_PROFILE \(Could not load credentials\)$/,
    ],
    [
      'an expired token',
      named('ExpiredToken', 'The security token included in the request is expired'),
      /^the AWS credentials have expired: log in again \("aws sso login"/,
    ],
    [
      'an expired SSO session',
      named('CredentialsProviderError', 'The SSO session associated with this profile has expired.'),
      /^the AWS credentials have expired: log in again \("aws sso login"/,
    ],
    [
      'keys that AWS does not know, or a region that is not enabled',
      named('InvalidClientTokenId', 'The security token included in the request is invalid.'),
      /^AWS does not accept the credentials in eu-central-1: .*"aws account get-region-opt-status --region-name eu-central-1"/,
    ],
    [
      'a clock that is wrong',
      named('SignatureDoesNotMatch', 'Signature not yet current'),
      /^AWS does not accept the credentials in eu-central-1: .*clock/,
    ],
    ['no network', coded('ENOTFOUND'), /^can't reach AWS in eu-central-1: check the network/],
    ['a proxy that is down', coded('ECONNREFUSED'), /^can't reach AWS in eu-central-1: check the network/],
    [
      'a firewall that swallows',
      named('TimeoutError', 'timed out'),
      /^can't reach AWS in eu-central-1: check the network/,
    ],
    [
      'every address unreachable',
      new AggregateError([coded('ENETUNREACH'), coded('ETIMEDOUT')], ''),
      /^can't reach AWS in eu-central-1: check the network.*ENETUNREACH/,
    ],
  ];

  test.each(refusals)('%s is one line that says what to do', async (_, error, line) => {
    sts.on(GetCallerIdentityCommand).rejects(error);
    const refused = findPlace(PLACE);
    await expect(refused).rejects.toThrow(line);
    await expect(refused).rejects.toThrow(/^[^\n]+$/);
  });

  test('a region that does not exist is told from a network that is away', async () => {
    sts
      .on(GetCallerIdentityCommand)
      .rejects(coded('ENOTFOUND', 'getaddrinfo ENOTFOUND sts.eu-central-9.amazonaws.com'));
    await expect(findPlace({ region: 'eu-central-9' })).rejects.toThrow(
      "can't reach AWS in eu-central-9, which is not a region that this version knows: check AWS_REGION",
    );
  });

  test.each([
    [
      'eu-central-1a',
      'the AWS region "eu-central-1a" is an availability zone: set AWS_REGION to a region such as eu-central-1',
    ],
    ['Frankfurt', 'the AWS region "Frankfurt" is no region: set AWS_REGION'],
  ])('AWS_REGION=%s is refused', async (region, line) => {
    process.env.AWS_REGION = region;
    await expect(findPlace({})).rejects.toThrow(line);
  });
});
