/** Where a Druid host puts the library that speaks IAM to MSK, and whether Druid's own loader of extensions finds it there. */
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';

import { jarsStep } from '../../../../engines/setup/jars.ts';
import { makeAll, setUp } from '../../../../engines/setup/set-up.ts';
import { consumerProperties } from '../../../../src/druid/apply/consumer.ts';
import { repositoryPath } from '../../../../src/files/repository.ts';

let folder: string;
let java: string;
let library: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igrid-druid-iam-'));
  const { tools, druidJars } = await setUp(() => undefined);
  java = tools.java;
  const step = await jarsStep('MSK IAM', repositoryPath('rehearsal', 'setup', 'msk-iam-auth'));
  await makeAll([[step]], () => undefined, new AbortController().signal);
  const [jar = ''] = await readdir(step.folder);
  library = join(step.folder, jar);
  await mkdir(join(folder, 'lib'));
  await mkdir(join(folder, 'extension'));
  for (const name of (await readdir(druidJars)).filter((one) => one.endsWith('.jar'))) {
    const isKafka = /^(druid-kafka-indexing-service|kafka-clients)-/.test(name);
    await symlink(join(druidJars, name), join(folder, isKafka ? 'extension' : 'lib', name));
  }
}, 360_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function makeConsumer(): Promise<string> {
  const properties = {
    ...consumerProperties('127.0.0.1:1', 'iam'),
    'key.deserializer': 'org.apache.kafka.common.serialization.ByteArrayDeserializer',
    'value.deserializer': 'org.apache.kafka.common.serialization.ByteArrayDeserializer',
  };
  const { stdout } = await execa(java, [
    ...['-cp', join(folder, 'lib', '*')],
    repositoryPath('test', 'support', 'msk-iam', 'DruidConsumer.java'),
    join(folder, 'extension'),
    ...Object.entries(properties).map(([key, value]) => `${key}=${value}`),
  ]);
  return stdout.trim().split('\n').at(-1) ?? '';
}

test("Druid's consumer finds the library in the Kafka extension's folder, and only there", async () => {
  await copyFile(library, join(folder, 'lib', 'aws-msk-iam-auth.jar'));
  expect(await makeConsumer()).not.toBe('made');
  await rm(join(folder, 'lib', 'aws-msk-iam-auth.jar'));
  expect(await makeConsumer()).toContain('IAMClientCallbackHandler could not be found');
  // As ec2-userdata/druid/install.sh does.
  await copyFile(library, join(folder, 'extension', 'aws-msk-iam-auth.jar'));
  expect(await makeConsumer()).toBe('made');
}, 120_000);
