import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { ListSupportedInstanceTypesCommand } from '@aws-sdk/client-emr';
import { ListKafkaVersionsCommand } from '@aws-sdk/client-kafka';
import { DescribeOrderableDBInstanceOptionsCommand } from '@aws-sdk/client-rds';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { checkConfig } from '../../../../lib/config/load.ts';
import { preflight } from '../../../../tools/deploy/preflight.ts';
import { DEPLOYMENTS } from '../../../support/deployments.ts';
import { type FreshAccount, freshAccount, orderable, PLACE } from '../../../support/fresh-account.ts';

const SEED = DEPLOYMENTS.seed();
const BOOTSTRAP = '/cdk-bootstrap/hnb659fds/version';
const IMAGE = '/aws/service/debian/release/12/latest/amd64';

const notFound = Object.assign(new Error(''), { name: 'ParameterNotFound' });

let account: FreshAccount;
beforeEach(() => {
  account = freshAccount();
});
afterEach(() => account.restore());

test('a region without its bootstrap stops with the command that makes it', async () => {
  account.ssm.on(GetParameterCommand, { Name: BOOTSTRAP }).rejects(notFound);
  expect(await preflight(SEED, PLACE)).toEqual([
    { kind: 'problem', text: expect.stringContaining('run "npx cdk bootstrap aws://123456789012/eu-central-1" once') },
  ]);
});

test('a bootstrap that is too old stops with the same command', async () => {
  account.ssm.on(GetParameterCommand, { Name: BOOTSTRAP }).resolves({ Parameter: { Value: '5' } });
  expect(await preflight(SEED, PLACE)).toEqual([
    { kind: 'problem', text: expect.stringMatching(/has version 5, .*npx cdk bootstrap/) },
  ]);
});

test('a region without an image of Debian asks for one of its own', async () => {
  account.ssm.on(GetParameterCommand, { Name: IMAGE }).rejects(notFound);
  expect(await preflight(SEED, PLACE)).toEqual([
    { kind: 'problem', text: expect.stringMatching(/no image in eu-central-1 .*set hosts.imageId/) },
  ]);
});

test('an image of another region is refused', async () => {
  const config = checkConfig({ hosts: { imageId: 'ami-0123456789abcdef0' } });
  expect(await preflight(config, PLACE)).toEqual([]);
  account.ec2.on(DescribeImagesCommand).resolves({ Images: [] });
  expect(await preflight(config, PLACE)).toEqual([
    {
      kind: 'problem',
      text: expect.stringContaining('hosts.imageId ami-0123456789abcdef0 does not exist in eu-central-1'),
    },
  ]);
});

test('a type that EMR does not take stops, with every page read', async () => {
  account.emr
    .on(ListSupportedInstanceTypesCommand)
    .resolves({ SupportedInstanceTypes: [{ Type: 'm5.xlarge' }] })
    .on(ListSupportedInstanceTypesCommand, { Marker: undefined })
    .resolves({ SupportedInstanceTypes: [{ Type: 'm5.4xlarge' }], Marker: '2' });
  expect(await preflight(SEED, PLACE)).toEqual([]);
  const config = checkConfig({ spark: { primaryType: 'm5.2xlarge' } });
  expect(await preflight(config, PLACE)).toEqual([
    {
      kind: 'problem',
      text: expect.stringContaining('spark.primaryType m5.2xlarge is not a type that emr-7.13.0 takes in eu-central-1'),
    },
  ]);
});

test('a version of Kafka that MSK no longer offers stops with those that it does', async () => {
  account.kafka.on(ListKafkaVersionsCommand).resolves({
    KafkaVersions: [
      { Version: '3.9.x.kraft', Status: 'DEPRECATED' },
      { Version: '4.0.x.kraft', Status: 'ACTIVE' },
    ],
  });
  expect(await preflight(SEED, PLACE)).toEqual([
    { kind: 'problem', text: expect.stringMatching(/^kafka.version 3.9.x.kraft .*choose one of 4.0.x.kraft$/) },
  ]);
});

test('a database class must be offered in one of the zones, in prod in two', async () => {
  const offered = (...zones: readonly string[]) =>
    account.rds
      .on(DescribeOrderableDBInstanceOptionsCommand)
      .resolves({ OrderableDBInstanceOptions: [orderable(zones)] });
  offered('eu-central-1a');
  expect(await preflight(SEED, PLACE)).toEqual([]);
  expect(await preflight(DEPLOYMENTS.prod(), PLACE)).toEqual([
    {
      kind: 'problem',
      text: expect.stringMatching(/^database.instanceType t4g.small: .*in 1 of the zones .*prod needs 2/),
    },
  ]);
  offered('eu-central-1f');
  expect(await preflight(SEED, PLACE)).toEqual([
    {
      kind: 'problem',
      text: expect.stringContaining('RDS offers db.t4g.small with PostgreSQL 17 and gp3 in 0 of the zones'),
    },
  ]);
});
