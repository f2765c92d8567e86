import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { checkConfig } from '../../../../lib/config/load.ts';
import { preflight } from '../../../../tools/deploy/preflight.ts';
import { DEPLOYMENTS } from '../../../support/deployments.ts';
import { type FreshAccount, freshAccount, haveNetwork, PLACE } from '../../../support/fresh-account.ts';

const SEED = DEPLOYMENTS.seed();
const { cidr } = SEED.network;
const [A, B, C] = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'] as const;

let account: FreshAccount;
beforeEach(() => {
  account = freshAccount();
});
afterEach(() => account.restore());

test('a network that stays as it is is no problem', async () => {
  haveNetwork(account, cidr, [A, B, C]);
  expect(await preflight(SEED, PLACE)).toEqual([]);
  expect(await preflight(checkConfig({ network: { availabilityZones: [A, B, C] } }), PLACE)).toEqual([]);
});

test('another range would replace the network, and stops', async () => {
  haveNetwork(account, '10.80.0.0/16', [A, B, C]);
  expect(await preflight(SEED, PLACE)).toEqual([
    {
      kind: 'problem',
      text: expect.stringContaining(`network.cidr is ${cidr}, and the network of igrid has 10.80.0.0/16`),
    },
  ]);
});

test('other zones, or the same in another order, would replace its subnets, and stop', async () => {
  haveNetwork(account, cidr, [A, B, C]);
  const config = checkConfig({ network: { availabilityZones: [B, A, C] } });
  expect(await preflight(config, PLACE)).toEqual([
    { kind: 'problem', text: expect.stringContaining(`set network.availabilityZones to ["${A}","${B}","${C}"]`) },
  ]);
});

test("a default of AWS' that has changed since would replace them, too", async () => {
  haveNetwork(account, cidr, [B, C, A], [A, B, C]);
  expect(await preflight(SEED, PLACE)).toEqual([
    { kind: 'problem', text: expect.stringContaining(`set network.availabilityZones to ["${B}","${C}","${A}"]`) },
  ]);
});

test('fewer zones than the network has are refused: the others are in use', async () => {
  haveNetwork(account, cidr, [A, B, C]);
  const config = checkConfig({ network: { zones: 2 }, kafka: { brokers: 2 } });
  expect(await preflight(config, PLACE)).toContainEqual({
    kind: 'problem',
    text: expect.stringContaining('the network of igrid has 3 zones, and network.zones is 2'),
  });
});
