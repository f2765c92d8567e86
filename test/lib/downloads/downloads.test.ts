/** What hosts and EMR nodes read comes from the deployment's own bucket: in the templates of every preset. */
import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { checkConfig } from '../../../lib/config/load.ts';
import { type PresetName, PRESETS } from '../../../lib/config/presets.ts';
import { addressesOf, DOWNLOADS } from '../../../lib/downloads/configured.ts';
import { stagedName } from '../../../lib/downloads/staged-file.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import type { DeploymentName } from '../../support/deployments.ts';
import { statements, textOf } from '../../support/iam.ts';
import { type Located, templatesOf, within } from '../../support/synth.ts';

const ALL: readonly DeploymentName[] = [...(Object.keys(PRESETS) as PresetName[]), 'prod', 'open-kafka'];

/** Web addresses that a host may know: nothing of a third party among them. Debian's apt and PyPI bring their own. */
const OWN = [/^http:\/\/169\.254\.169\.254\//, /^https:\/\/druid\.[a-z0-9-]+\.internal:\d+$/];

/** Everything that is text within a value, with `<...>` for what AWS fills in. */
const textIn = (value: unknown): string =>
  within(value, (inner) => typeof inner === 'string')
    .map(String)
    .join('\n');

const webAddresses = (text: string): string[] => [...text.matchAll(/https?:\/\/[^\s'"\\)]*/g)].map(([found]) => found);

const stagedFiles = (name: DeploymentName): (Located & { readonly key: string })[] =>
  templatesOf(name)
    .resources('Custom::StagedFile')
    .map((resource) => ({ ...resource, key: z.string().parse(resource.Properties.Key) }));

describe.each(ALL)('the deployment %s', (name) => {
  test('tells no host, no EMR node and no step a web address of a third party', () => {
    const told = templatesOf(name).resources('AWS::EC2::LaunchTemplate', 'AWS::EMR::Cluster', 'Custom::StreamingStep');
    expect(told.length).toBeGreaterThan(4);
    for (const { stack, logicalId, Properties } of told) {
      const foreign = webAddresses(textIn(Properties)).filter((url) => !OWN.some((own) => own.test(url)));
      expect({ stack, logicalId, foreign }).toEqual({ stack, logicalId, foreign: [] });
    }
  });

  test('stages every file that the configuration names, each with an object of its own', () => {
    const files = stagedFiles(name);
    expect(new Set(files.map(({ Properties }) => Properties.Field))).toEqual(new Set(Object.keys(DOWNLOADS)));
    expect(new Set(files.map(({ key }) => key)).size).toBe(files.length);
    for (const { stack, key, Properties } of files) {
      expect(key.startsWith(`${stack}/`)).toBe(true);
      expect(key).toContain(Properties.Sha256 ?? '/');
    }
  });

  test('makes hosts and nodes wait for the files that they read', () => {
    for (const { stack, logicalId } of stagedFiles(name)) {
      const readers = templatesOf(name)
        .resources('AWS::EC2::LaunchTemplate', 'AWS::EMR::Cluster')
        .filter((reader) => reader.stack === stack);
      expect(readers.length).toBeGreaterThan(0);
      for (const { Properties } of readers) {
        expect(JSON.stringify(Properties)).toContain(`{"Fn::GetAtt":["${logicalId}","Url"]}`);
      }
    }
  });

  test('lets each role read exactly the staged files of its own stack', () => {
    const readable = statements(templatesOf(name)).flatMap(({ where, Effect, Action, Resource }) =>
      Effect === 'Allow' && Action.includes('s3:GetObject') && !where.startsWith('downloads/')
        ? Resource.map((resource) => ({ stack: where.split('/')[0] ?? '', object: textOf(resource) }))
        : [],
    );
    const staged = readable.filter(({ object }) =>
      /^<other stack>\/(replay|druid|airflow|superset|spark)\//.test(object),
    );
    expect(new Set(staged.map(({ stack, object }) => `${stack}: ${object}`))).toEqual(
      new Set(stagedFiles(name).map(({ stack, key }) => `${stack}: <other stack>/${key}`)),
    );
  });

  test('takes the bucket with it, whatever the profile: every deployment fills it again', () => {
    const [bucket, ...others] = templatesOf(name)
      .resources('AWS::S3::Bucket')
      .filter(({ stack }) => stack === 'downloads');
    expect(others).toEqual([]);
    expect(bucket).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    const emptied = templatesOf(name).resources('Custom::S3AutoDeleteObjects');
    expect(emptied.map(({ stack }) => stack)).toContain('downloads');
  });
});

describe('a mirror in S3', () => {
  const MIRRORED = ':s3:::mirror/jars/msk-iam.jar';
  const readers = (name: DeploymentName) =>
    statements(templatesOf(name))
      .filter(({ Resource }) => JSON.stringify(Resource).includes(MIRRORED))
      .map(({ role, Action }) => ({ role, Action }));

  test('is read by the staging function alone', () => {
    expect(readers('open-kafka')).toEqual([{ role: 'downloads/iscompleterole', Action: ['s3:GetObject'] }]);
  });

  test('is not granted where the configuration names none', () => {
    expect(readers('seed')).toEqual([]);
  });
});

describe("a staged file's key", () => {
  const url = 'https://example.org/a/druid.tar.gz?token=1';
  const sha256 = 'a'.repeat(64);

  test('is its hash and its name, wherever it comes from', () => {
    expect(stagedName({ url, sha256 })).toBe(`${sha256}/druid.tar.gz`);
    expect(stagedName({ url: ['s3://mirror/b/druid.tar.gz', url], sha256 })).toBe(`${sha256}/druid.tar.gz`);
  });

  test('is another one for another address of a file without a known hash', () => {
    expect(stagedName({ url })).toMatch(/^[0-9a-f]{64}\/druid.tar.gz$/);
    expect(stagedName({ url: `${url}2` })).not.toBe(stagedName({ url }));
    expect(stagedName({ url: [url] })).toBe(stagedName({ url }));
  });
});

describe('the configuration of downloads', () => {
  test('takes a list of addresses, and nothing but https and S3', () => {
    const druid = { url: ['https://mirror.example/druid.tar.gz', 's3://bucket/druid.tar.gz'] };
    expect(addressesOf(checkConfig({ druid: { tarball: druid } }).druid.tarball)).toEqual(druid.url);
    for (const url of ['http://mirror.example/druid.tar.gz', [], ['https://a.example/b', 'ftp://a.example/b']]) {
      expect(() => checkConfig({ druid: { tarball: { url } } })).toThrow(/druid\.tarball\.url.*https:\/\/ or s3:\/\//);
    }
  });

  test('has the files that the rehearsal and the tests run with', () => {
    const locks = ['engines/setup/spark-jars/jars.lock', 'rehearsal/setup/msk-iam-auth/jars.lock'];
    const pinned = locks.flatMap((lock) => readFileSync(repositoryPath(lock), 'utf8').trim().split('\n'));
    const { spark, druid } = checkConfig({});
    for (const file of [spark.kafkaClients, spark.commonsPool, spark.mskIamAuth, druid.mskIamAuth]) {
      const name = addressesOf(file)[0]?.split('/').at(-1) ?? '';
      expect(pinned.filter((line) => line.endsWith(`  ${name}`)).map((line) => line.split(' ')[0])).toEqual([
        file.sha256,
      ]);
    }
  });
});

describe("the hosts' and EMR's scripts", () => {
  test('fetch nothing from the web', () => {
    const scripts = ['ec2-userdata', 'emr-bootstrap'].flatMap((folder) =>
      readdirSync(repositoryPath(folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.sh'))
        .map((file) => `${folder}/${file}`),
    );
    expect(scripts.length).toBeGreaterThan(10);
    const foreign = scripts.flatMap((script) =>
      readFileSync(repositoryPath(script), 'utf8')
        .split('\n')
        .filter((line) => !line.trimStart().startsWith('#'))
        .flatMap((line) => webAddresses(line).map((url) => `${script}: ${url}`)),
    );
    expect(
      foreign.filter((found) => !/: https?:\/\/(169\.254\.169\.254|127\.0\.0\.1|localhost|\$)/.test(found)),
    ).toEqual([]);
  });
});
