import { DescribeAvailabilityZonesCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { DescribeOrderableDBInstanceOptionsCommand } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { checkConfig } from '../../../../lib/config/load.ts';
import { preflight } from '../../../../tools/deploy/preflight.ts';
import { DEPLOYMENTS } from '../../../support/deployments.ts';
import {
  type FreshAccount,
  freshAccount,
  haveNetwork,
  offer,
  orderable,
  PLACE,
  ZONES,
} from '../../../support/fresh-account.ts';

const SEED = DEPLOYMENTS.seed();
/** The schema's own: producers in all zones. */
const FOUR_PRODUCERS = checkConfig({});
const [A, B, C, D] = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c', 'eu-central-1d'] as const;
const VIRGINIA = { account: PLACE.account, region: 'us-east-1' };

let account: FreshAccount;
beforeEach(() => {
  account = freshAccount();
});
afterEach(() => account.restore());

/** A region with these zones, each with a default subnet unless `defaults` says in which there is one. */
function haveZones(zones: Readonly<Record<string, string>>, defaults: readonly string[] = Object.keys(zones)): void {
  const names = Object.keys(zones);
  account.ec2.on(DescribeAvailabilityZonesCommand).resolves({
    AvailabilityZones: Object.entries(zones).map(([ZoneName, ZoneId]) => ({ ZoneName, ZoneId })),
  });
  account.ec2.on(DescribeSubnetsCommand).callsFake(({ Filters: [filter] = [] }: { Filters?: { Name?: string }[] }) => ({
    Subnets: filter?.Name === 'default-for-az' ? defaults.map((AvailabilityZone) => ({ AvailabilityZone })) : [],
  }));
  offer(account.ec2, () => names);
  account.rds
    .on(DescribeOrderableDBInstanceOptionsCommand)
    .resolves({ OrderableDBInstanceOptions: [orderable(names)] });
}

const FOUR = { [A]: 'euc1-az2', [B]: 'euc1-az3', [C]: 'euc1-az1', [D]: 'euc1-az4' };

/** The zones of us-east-1 in one account; in another the refused one has another letter. */
const US = { 'us-east-1a': 'use1-az6', 'us-east-1b': 'use1-az3', 'us-east-1c': 'use1-az2', 'us-east-1d': 'use1-az4' };

test('a zone that MSK refuses stops with three that it takes', async () => {
  haveZones(US);
  expect(await preflight(SEED, VIRGINIA)).toEqual([
    {
      kind: 'problem',
      text: expect.stringMatching(
        /MSK takes no brokers in us-east-1b \(zone id use1-az3\).*set network.availabilityZones to \["us-east-1a","us-east-1c","us-east-1d"\]/,
      ),
    },
  ]);
  const config = checkConfig({ network: { availabilityZones: ['us-east-1a', 'us-east-1c', 'us-east-1d'] } });
  expect(await preflight(config, VIRGINIA)).toEqual([]);
});

test('a zone without a default subnet is not one that CloudFormation chooses', async () => {
  haveZones(US, ['us-east-1a', 'us-east-1c', 'us-east-1d']);
  expect(await preflight(SEED, VIRGINIA)).toEqual([]);
});

test('without any default subnet CloudFormation chooses among all zones', async () => {
  haveZones(US, []);
  expect(await preflight(SEED, VIRGINIA)).toEqual([
    { kind: 'problem', text: expect.stringContaining('MSK takes no brokers in us-east-1b') },
  ]);
});

test("a type that is not offered in its host's zone stops with zones that offer it first", async () => {
  haveZones(FOUR);
  offer(account.ec2, (type) => (type === 'i3.2xlarge' ? [B, C] : Object.keys(FOUR)));
  expect(await preflight(SEED, PLACE)).toEqual([
    {
      kind: 'problem',
      text:
        `druid.instanceType i3.2xlarge is not offered in ${A}, where it would run, but in ${B}, ${C}: ` +
        `set network.availabilityZones to ["${B}","${A}","${C}"]`,
    },
  ]);
});

test('producers need their type in all three zones', async () => {
  haveZones(FOUR);
  offer(account.ec2, (type) => (type === 't3.xlarge' ? [A, C, D] : Object.keys(FOUR)));
  expect(await preflight(FOUR_PRODUCERS, PLACE)).toEqual([
    {
      kind: 'problem',
      text: expect.stringMatching(
        new RegExp(`replay.instanceType t3.xlarge is not offered in ${B}.*\\["${A}","${C}","${D}"\\]`),
      ),
    },
  ]);
});

test('a type that no zone offers asks for another type', async () => {
  offer(account.ec2, (type) => (type === 'i3.2xlarge' ? [] : ZONES.map(({ ZoneName }) => ZoneName)));
  expect(await preflight(SEED, PLACE)).toEqual([
    {
      kind: 'problem',
      text: 'druid.instanceType i3.2xlarge is offered in no zone of eu-central-1: choose another type',
    },
  ]);
});

test('types that no three zones offer together ask for another type', async () => {
  offer(account.ec2, (type) => (type === 't3.xlarge' ? [A, B] : [A, B, C]));
  expect(await preflight(FOUR_PRODUCERS, PLACE)).toEqual([
    { kind: 'problem', text: expect.stringMatching(/choose another replay.instanceType$/) },
  ]);
});

test('a network that stands is judged by its own zones, and not advised to move', async () => {
  haveZones(FOUR);
  haveNetwork(account, SEED.network.cidr, [D, B, A]);
  offer(account.ec2, (type) => (type === 'i3.2xlarge' ? [A, B, C] : Object.keys(FOUR)));
  const config = checkConfig({ network: { availabilityZones: [D, B, A] } });
  expect(await preflight(config, PLACE)).toEqual([
    {
      kind: 'problem',
      text: expect.stringMatching(
        new RegExp(`not offered in ${D}.*is there already: choose another druid.instanceType`),
      ),
    },
  ]);
});

test('a configured zone that the region lacks stops with those that it has', async () => {
  const config = checkConfig({ network: { availabilityZones: [A, B, 'eu-central-1f'] } });
  const findings = await preflight(config, PLACE);
  expect(findings).toContainEqual({
    kind: 'problem',
    text: `network.availabilityZones names eu-central-1f, and eu-central-1 has ${A}, ${B}, ${C}: choose 3 of these`,
  });
});

test.each([
  ['us-west-1', ['us-west-1a', 'us-west-1b', 'us-west-1c'], 'MSK takes two zones only'],
  ['ap-test-1', ['ap-test-1a', 'ap-test-1b'], 'there are 2 zones'],
])('%s has too few zones for three, and enough for two', async (region, zones, why) => {
  haveZones(Object.fromEntries(zones.map((zone) => [zone, `${zone}-id`])));
  expect(await preflight(SEED, { ...PLACE, region })).toContainEqual({
    kind: 'problem',
    text: `in ${region} ${why}, and the deployment needs 3: set network.zones to 2, or choose another region`,
  });
});
