import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { execa } from 'execa';

import { gridConfigSchema } from '../lib/config/grid-config.ts';
import type { GridConfigInput } from '../lib/config/schema.ts';
import { OUTSIDE_ADDRESS, PORTS } from './addresses.ts';
import { s3 } from './cloud.ts';
import { sourcesLine } from './debian-mirror.ts';

/** The bucket with what AWS and GitHub have and a rehearsal can't reach: a mirror of an air-gapped deployment. */
const MIRROR = 'igrid-rehearsal-mirror';

/** What Druid may take of this computer's memory: its least, with a margin. */
const DRUID_MEMORY_GIB = 2.25;

const AGENTS = ['amazon-ssm-agent', 'amazon-cloudwatch-agent'] as const;

/** Jars that the job needs and EMR does not have. */
const JARS_BESIDE_EMR = ['kafka-clients', 'commons-pool2'] as const;

interface Mirrored {
  readonly url: string;
  readonly sha256: string;
}

/** What the mirror is filled with, from the cache. */
export interface MirrorSources {
  /** Folder with the library that lets Java clients speak IAM to MSK. */
  readonly iamAuth: string;
  /** Folder with what lets Spark read Kafka: EMR has the connectors, and neither Kafka's client nor its pool. */
  readonly sparkJars: string;
  /** Druid's jars and our Avro extension: what its distribution is made of here. */
  readonly druidJars: string;
  readonly avroExtension: string;
  /** Folder with the Python packages of all hosts. */
  readonly pythonPackages: string;
}

/** Below it are the files of `hosts.pythonIndexUrl`. */
const PYTHON_PREFIX = 'python/';

/**
 * Fills the mirror's bucket.
 *
 * @param scratch folder for the packages that are built.
 * @returns what the deployment stages in its own bucket, each by its name without the ending.
 */
export async function fillMirror(scratch: string, sources: MirrorSources): Promise<ReadonlyMap<string, Mirrored>> {
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
  for (const jar of await readdir(sources.iamAuth)) {
    await put('aws-msk-iam-auth', join(sources.iamAuth, jar));
  }
  for (const jar of await readdir(sources.sparkJars)) {
    const name = JARS_BESIDE_EMR.find((start) => jar.startsWith(`${start}-`));
    if (name !== undefined) {
      await put(name, join(sources.sparkJars, jar));
    }
  }
  const druid = await druidDistribution(scratch, sources.druidJars, sources.avroExtension);
  await put('druid', druid);
  await rm(druid);
  const packages = await readdir(sources.pythonPackages);
  await Promise.all(
    packages.map(async (file) => {
      const body = await readFile(join(sources.pythonPackages, file));
      await client.send(new PutObjectCommand({ Bucket: MIRROR, Key: PYTHON_PREFIX + file, Body: body }));
    }),
  );
  client.destroy();
  return mirrored;
}

/**
 * A distribution as the official tarball has it, of Maven's jars: lib/ and the two extensions that Maven's registry has
 * the means for. Those for S3, PostgreSQL and logins it has not.
 */
async function druidDistribution(scratch: string, jars: string, avroExtension: string): Promise<string> {
  const folder = join(scratch, 'druid');
  const kafka = join(folder, 'extensions', 'druid-kafka-indexing-service');
  const avro = join(folder, 'extensions', 'druid-avro-extensions');
  const library = join(folder, 'lib');
  for (const path of [kafka, avro, library]) {
    await mkdir(path, { recursive: true });
  }
  for (const jar of (await readdir(jars)).filter((name) => name.endsWith('.jar'))) {
    const isKafka = /^(druid-kafka-indexing-service|kafka-clients)-/.test(jar);
    await symlink(join(jars, jar), join(isKafka ? kafka : library, jar));
  }
  await symlink(avroExtension, join(avro, basename(avroExtension)));
  const tar = join(scratch, 'druid.tar');
  await execa('tar', ['--create', '--dereference', `--file=${tar}`, `--directory=${scratch}`, 'druid']);
  await rm(folder, { recursive: true });
  return tar;
}

/** The deployment's configuration: the smallest preset, open brokers, and everything from the mirror, through the deployment's own bucket. */
export function rehearsalConfig(
  mirror: ReadonlyMap<string, Mirrored>,
  databaseAuthority: string,
  speed: number,
): GridConfigInput {
  const download = (name: string): Mirrored => {
    const found = mirror.get(name);
    if (!found) {
      throw new Error(`the mirror has no ${name}`);
    }
    return found;
  };
  // Another address, the same file: its hash stays the configuration's own.
  const address = (name: string) => ({ url: download(name).url });
  const mskIamAuth = address('aws-msk-iam-auth');
  const config: GridConfigInput = {
    speed,
    kafka: { auth: 'none' },
    replay: { hosts: 1, playbacksPerHost: 1, instanceType: 't3.medium' },
    // One core's worth of partitions: each has its state in S3, which is slow here.
    spark: {
      // The preset's longer batches would only make every proof wait longer.
      ...{ coreNodes: 1, executorCores: 1, executorMemoryGiB: 1, batchSeconds: 1 },
      ...{ mskIamAuth, kafkaClients: address('kafka-clients'), commonsPool: address('commons-pool2') },
    },
    database: { authorityFile: databaseAuthority },
    druid: {
      // Maven's jars have no extensions for PostgreSQL, S3 and logins: metadata and segments are on the host's disk.
      ...{ metadata: 'derby', storage: 'local', login: 'none', memoryGiB: DRUID_MEMORY_GIB },
      // Fewer than fit: the check `changed-ingestion` asks for two.
      powerrawTasks: 1,
      ...{ tarball: download('druid'), mskIamAuth },
    },
    hosts: {
      aptSources: [sourcesLine(OUTSIDE_ADDRESS, PORTS.mirror)],
      ssmAgent: download('amazon-ssm-agent'),
      // Without a hash, as AWS publishes none: the one that is recorded is checked.
      cloudWatchAgent: address('amazon-cloudwatch-agent'),
      pythonIndexUrl: `s3://${MIRROR}/${PYTHON_PREFIX}`,
    },
    operations: { alarmEmail: 'operator@example.org' },
  };
  gridConfigSchema.parse(config);
  return config;
}
