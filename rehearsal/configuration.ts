import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { execa } from 'execa';

import { gridConfigSchema, type GridConfigInput } from '../lib/config/schema.ts';
import { OUTSIDE_ADDRESS, PORTS } from './addresses.ts';
import { s3 } from './cloud.ts';
import { sourcesLine } from './debian-mirror.ts';

/** The bucket with what AWS and GitHub have and a rehearsal can't reach: a mirror of an air-gapped deployment. */
const MIRROR = 'igrid-rehearsal-mirror';

const AGENTS = ['amazon-ssm-agent', 'amazon-cloudwatch-agent'] as const;

interface Mirrored {
  readonly url: string;
  readonly sha256: string;
}

/**
 * Fills the mirror's bucket.
 *
 * @param scratch folder for the packages that are built.
 * @param iamAuthJars folder with the library that lets Java clients speak IAM to MSK.
 * @returns the agents' packages and a jar, each by its file's name without the ending.
 */
export async function fillMirror(scratch: string, iamAuthJars: string): Promise<ReadonlyMap<string, Mirrored>> {
  const client = s3();
  await client.send(new CreateBucketCommand({ Bucket: MIRROR }));
  const mirrored = new Map<string, Mirrored>();
  const put = async (name: string, file: string): Promise<void> => {
    const body = await readFile(file);
    const key = basename(file);
    await client.send(new PutObjectCommand({ Bucket: MIRROR, Key: key, Body: body }));
    mirrored.set(name, { url: `s3://${MIRROR}/${key}`, sha256: createHash('sha256').update(body).digest('hex') });
  };
  for (const agent of AGENTS) {
    const deb = join(scratch, `${agent}.deb`);
    const source = join(import.meta.dirname, 'agents', agent);
    await execa('dpkg-deb', ['--root-owner-group', '--build', source, deb]);
    await put(agent, deb);
  }
  for (const jar of await readdir(iamAuthJars)) {
    await put('aws-msk-iam-auth', join(iamAuthJars, jar));
  }
  client.destroy();
  return mirrored;
}

/** The deployment's configuration: the smallest preset, open brokers, and everything from the mirror. */
export function rehearsalConfig(mirror: ReadonlyMap<string, Mirrored>): GridConfigInput {
  const download = (name: string): Mirrored => {
    const found = mirror.get(name);
    if (!found) {
      throw new Error(`the mirror has no ${name}`);
    }
    return found;
  };
  const config: GridConfigInput = {
    stream: { auth: 'none' },
    replay: { machines: 1, playbacksPerMachine: 2, instanceType: 't3.medium' },
    // Another address, the same file: its hash stays the configuration's own.
    dutyCycle: { mskIamAuth: { url: download('aws-msk-iam-auth').url } },
    hosts: {
      aptSources: [sourcesLine(OUTSIDE_ADDRESS, PORTS.mirror)],
      ssmAgent: download('amazon-ssm-agent'),
      cloudWatchAgent: download('amazon-cloudwatch-agent'),
    },
    operations: { alarmEmail: 'operator@example.org' },
  };
  gridConfigSchema.parse(config);
  return config;
}
