/**
 * Everything about a deployment that may be chosen, in one schema: the defaults are the seed's topology on the types
 * that AWS takes today. What follows from other values is not here but in `derive.ts`.
 */
import { z } from 'zod';

import { DEFAULT_SPEED, SPEED_RANGE } from '../../src/core/clock/grid-clock.ts';
import { TOPICS } from '../../src/core/messages/topics.ts';
import { DEFAULT_DAYS } from '../../src/history/schedule.ts';
import type { KafkaSettings } from '../../src/kafka/client.ts';
import { rangeProblem } from './address-range.ts';

/** MSK spreads brokers evenly over the cluster's subnets, one a zone, so their number is a multiple of this. */
export const AVAILABILITY_ZONES = 3;

/** Which types a part takes is in rules.ts. */
const instanceType = z.string().regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an EC2 instance type such as m5.xlarge');

/** A whole object in S3 or everything below a prefix. */
const s3Uri = z.string().regex(/^s3:\/\/[a-z0-9.-]{3,63}\/.*$/, 'an S3 address such as s3://bucket/prefix/');

const downloadAddress = z.string().regex(/^(https|s3):\/\/\S+$/, 'an https:// or s3:// address');

/** One address, or several: the next is tried when one has no such file, is away, or has another file. */
const downloadAddresses = z.union([downloadAddress, z.array(downloadAddress).min(1, 'an https:// or s3:// address')], {
  error: 'an https:// or s3:// address, or a list of them',
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex (64 digits)');

/**
 * A package of AWS' own, with each version at an address of its own. AWS publishes signatures and no hashes: without one
 * here the hash is recorded when the deployment stages the package, and hosts check that.
 */
const agentPackage = (url: string) =>
  z
    .strictObject({
      /** Where it is; the AWS region replaces `{region}`. */
      url: downloadAddresses.default(url),
      /** Default: the one that is recorded. */
      sha256: sha256.optional(),
    })
    .prefault({});

/**
 * A file of somebody else's, which the deployment copies into a bucket of its own: hosts and EMR nodes read it only there.
 * A deployment without the internet names a mirror in S3.
 */
const download = (url: string | string[], hash: string) =>
  z
    .strictObject({
      /** Where it is; the AWS region replaces `{region}`. */
      url: downloadAddresses.default(url),
      /** Checked when it is staged, and again before it is used. */
      sha256: sha256.default(hash),
    })
    .prefault({});

/** The library that lets Java clients speak IAM to MSK. */
const mskIamAuth = () =>
  download(
    [
      'https://repo1.maven.org/maven2/software/amazon/msk/aws-msk-iam-auth/2.3.5/aws-msk-iam-auth-2.3.5-all.jar',
      'https://github.com/aws/aws-msk-iam-auth/releases/download/v2.3.5/aws-msk-iam-auth-2.3.5-all.jar',
    ],
    'bcd6020ce1ca2c3f1a65e087057dc8c0757185ba1f169b38e0eda54b617e4225',
  );

const topic = (partitions: number, retentionHours: number) =>
  z
    .strictObject({
      /** Number of partitions. Can be raised later, never lowered: keys then move to other partitions. */
      partitions: z.int().min(1).max(1_000).default(partitions),
      /** Copies of each message, on as many brokers. */
      replication: z.int().min(1).max(5).default(2),
      /**
       * Copies that must be written before a message counts as acknowledged. With two copies this must be 1, or every
       * patch of a broker stops producers (MSK patches one broker at a time); three copies carry 2.
       */
      minInSyncReplicas: z.int().min(1).max(4).default(1),
      /** How long a message is kept, hours of the wall clock. */
      retentionHours: z.int().min(1).max(8_760).default(retentionHours),
    })
    .prefault({});

/** A tag's value as AWS takes it, from "Tag naming limits and requirements" of the tagging guide. */
const tagValue = z
  .string()
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,64}$/u, '1 to 64 letters, digits, spaces or any of _ . : / = + - @');

/** Retention periods that CloudWatch Logs takes, days: PutRetentionPolicy in its API reference. */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];

/** Every field by itself; grid-config.ts checks them together. */
export const fields = z.strictObject({
  /** Prefix of every name in AWS: two deployments in one account and region need two names. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,18}[a-z0-9]$/, '3 to 20 lower-case letters, digits and dashes, a letter first')
    .default('igrid'),
  /** `dev`: destroyed without a trace. `prod`: data outlive the stacks, and every part that can is in several zones. */
  profile: z.enum(['dev', 'prod']).default('dev'),
  /** AWS account of 12 digits. Default: whatever the credentials at deployment belong to. */
  account: z
    .string()
    .regex(/^\d{12}$/, '12 digits')
    .optional(),
  /** AWS region. Default: whatever the CLI is set to at deployment. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1')
    .optional(),
  tags: z
    .strictObject({
      /** Default: the profile. */
      environment: tagValue.optional(),
      costCentre: tagValue.default('grid-operations'),
    })
    .prefault({}),
  /** Grid seconds per second of the clock: 24 as in the seed, 1 for real meters. */
  speed: z.number().min(SPEED_RANGE.min).max(SPEED_RANGE.max).default(DEFAULT_SPEED),

  network: z
    .strictObject({
      /** Addresses of the VPC, a private range of /16 to /22. Can't be changed on a running deployment. */
      cidr: z
        .string()
        .superRefine((text, context) => {
          const message = rangeProblem(text);
          if (message !== undefined) {
            context.addIssue({ code: 'custom', message });
          }
        })
        .default('10.40.0.0/16'),
      /**
       * Names of the three availability zones; they can't be changed on a running deployment. MSK refuses the zone with the id use1-az3, and i3 is not in every
       * zone. Default: the region's first three.
       */
      availabilityZones: z
        .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'a zone such as eu-central-1a'))
        .length(AVAILABILITY_ZONES)
        .refine((zones) => new Set(zones).size === zones.length, 'three different zones')
        .optional(),
      /** NAT gateways: one is cheap, one per zone survives a zone. Default: 1 in dev, 3 in prod. */
      natGateways: z.int().min(1).max(AVAILABILITY_ZONES).optional(),
    })
    .prefault({}),

  kafka: z
    .strictObject({
      /** Kafka's version in MSK's words; KRaft clusters end in `.kraft`. */
      version: z
        .string()
        .regex(/^\d+\.\d+\.(x|\d+)\.kraft$/, 'an MSK version in KRaft mode, such as 3.9.x.kraft')
        .default('3.9.x.kraft'),
      brokerType: z
        .string()
        .regex(/^kafka\.[a-z0-9]+\.[a-z0-9]+$/, 'a standard MSK broker type such as kafka.m5.large')
        .default('kafka.m5.large'),
      brokers: z
        .int()
        .min(AVAILABILITY_ZONES)
        .max(30)
        .multipleOf(AVAILABILITY_ZONES, `a multiple of ${AVAILABILITY_ZONES}: MSK wants as many brokers in each zone`)
        .default(3),
      /**
       * How clients convince the brokers. `iam`: TLS, and credentials of AWS. `none`: plaintext and anybody who can reach
       * them, for the rehearsal on one machine only, whose broker knows no IAM; prod refuses it. Changing it on a
       * cluster that runs takes all clients away while it lasts.
       */
      auth: z.enum(['iam', 'none'] satisfies KafkaSettings['auth'][]).default('iam'),
      /** Disk of a broker at creation, GiB. MSK grows it by itself and never shrinks it. */
      storageGiB: z.int().min(10).max(16_384).default(100),
      /** The disk of a broker grows up to here, GiB. */
      maxStorageGiB: z.int().min(10).max(16_384).default(1_000),
      topics: z
        .strictObject({
          [TOPICS.powerraw]: topic(6, 48),
          [TOPICS.dutycycle]: topic(6, 48),
          [TOPICS.history]: topic(6, 48),
          [TOPICS.deadletter]: topic(1, 168),
        })
        .prefault({}),
    })
    .prefault({}),

  replay: z
    .strictObject({
      /** Machines that replay data sets; 0 when real meters produce. */
      hosts: z.int().min(0).max(100).default(4),
      /** Playbacks of each machine: machine i plays [i * n, (i + 1) * n). */
      playbacksPerHost: z.int().min(1).max(100_000).default(20),
      instanceType: instanceType.default('t3.xlarge'),
      /**
       * When playback 0 is at its first midnight, ms since 1970: one for all machines, so that a machine that is
       * replaced goes on where the clock is. Default: 2026-01-01 UTC.
       */
      epochMs: z
        .int()
        .min(0)
        .default(Date.UTC(2026, 0, 1)),
      /** Where the REDD low_freq set is: everything below an S3 prefix. Default: the repository's sample day. */
      redd: s3Uri.optional(),
      /** Where the GREEND set is: everything below an S3 prefix. Default: the repository's sample day. */
      greend: s3Uri.optional(),
    })
    .prefault({}),

  spark: z
    .strictObject({
      /** EMR's release: 7.13.0 carries Spark 3.5.6 on Scala 2.12. */
      release: z
        .string()
        .regex(/^emr-7\.\d+\.\d+$/, 'a release of EMR 7, such as emr-7.13.0')
        .default('emr-7.13.0'),
      /** EMR takes no m5.large: m5.xlarge is the smallest m5. */
      primaryType: instanceType.default('m5.xlarge'),
      coreType: instanceType.default('m5.xlarge'),
      coreNodes: z.int().min(1).max(100).default(2),
      /** Managed scaling adds core nodes up to here. Default: no scaling. */
      maxCoreNodes: z.int().min(1).max(200).optional(),
      /** Disk of a node for shuffles and the state store, GiB. */
      diskGiB: z.int().min(32).max(2_048).default(64),
      /** Heap of an executor, GiB; each core node runs one. At most what YARN has for it: lib/config/yarn.ts. */
      executorMemoryGiB: z.int().min(1).max(120).default(8),
      /** Cores of an executor; with coreNodes also the number of shuffle partitions. */
      executorCores: z.int().min(1).max(32).default(3),
      /**
       * From the start of one micro-batch to the next, seconds. Beside its readings a batch costs a look-up of every
       * open window of its appliances, so many appliances want longer batches; duty cycles are as much later.
       */
      batchSeconds: z.int().min(1).max(60).default(1),
      /** The most readings that one micro-batch takes: bounds memory while catching up. */
      maxOffsetsPerTrigger: z.int().min(1_000).default(3_000_000),
      /**
       * Name of the checkpoint: where the job stands and its open windows. Another name begins anew at the oldest
       * readings in Kafka, which is the way out of a checkpoint that Spark can't read. Default: counts the shapes that
       * the job's state has had.
       */
      checkpoint: z
        .string()
        .regex(/^[a-z0-9-]{1,32}$/, 'up to 32 lower-case letters, digits and dashes')
        .default('2'),
      /**
       * Which EMR cluster of this deployment it is. Raised by one, the next deployment makes a new cluster, moves the job
       * to it, and ends the old one, if that still exists: the way out of a cluster that has ended.
       */
      clusterGeneration: z.int().min(1).max(10_000).default(1),
      /** How often a failed step is started again within an hour before somebody must look. */
      restartsPerHour: z.int().min(0).max(20).default(3),
      /** The library that lets Java clients speak IAM to MSK. */
      mskIamAuth: mskIamAuth(),
      /**
       * Kafka's client, which Spark's Kafka connector needs and EMR does not have: the version that the connector of
       * Spark 3.5 is built with (its Maven dependency).
       */
      kafkaClients: download(
        'https://repo1.maven.org/maven2/org/apache/kafka/kafka-clients/3.4.1/kafka-clients-3.4.1.jar',
        '9d0a9058c8ede79db6e54ae378ed16fe8d1bead2894635a4aa6aa0b7981668c6',
      ),
      /** The connector's pool of consumers, which EMR does not have either: the version of Spark 3.5's connector. */
      commonsPool: download(
        'https://repo1.maven.org/maven2/org/apache/commons/commons-pool2/2.11.1/commons-pool2-2.11.1.jar',
        'ea0505ee7515e58b1ac0e686e4d1a5d9f7d808e251a61bc371aa0595b9963f83',
      ),
    })
    .prefault({}),

  database: z
    .strictObject({
      /** Class of the RDS instance that keeps Druid's, Airflow's and Superset's metadata. */
      instanceType: instanceType.default('t4g.small'),
      /** GiB. */
      storageGiB: z.int().min(20).max(1_000).default(20),
      /**
       * PEM file, on the machine that synthesises, with the certificates that hosts verify the database by. Default:
       * those of RDS, of all its regions.
       */
      authorityFile: z.string().min(1).optional(),
      /** Days of backups; 0 keeps none. Default: 1 in dev, 14 in prod. */
      backupDays: z.int().min(0).max(35).optional(),
    })
    .prefault({}),

  druid: z
    .strictObject({
      /** The Druid host. An instance store, if it has one, caches segments. */
      instanceType: instanceType.default('i3.2xlarge'),
      /** Disk of the system, GiB; it caches segments where the type has no instance store. */
      rootDiskGiB: z.int().min(20).max(2_048).default(50),
      /** Memory that Druid may take, GiB. Default: the host's, without what the system and its agents need. */
      memoryGiB: z.number().min(2).max(1_024).optional(),
      /** `derby`, on the host's disk, is for a rehearsal: prod refuses it. */
      metadata: z.enum(['postgresql', 'derby']).default('postgresql'),
      /** Where segments are kept. `local`, on the host's disk, is for a rehearsal: prod refuses it. */
      storage: z.enum(['s3', 'local']).default('s3'),
      /** `none`, for a Druid without its security extension, is for a rehearsal: prod refuses it. */
      login: z.enum(['basic', 'none']).default('basic'),
      /**
       * Druid's own tarball: it alone has the S3, PostgreSQL and security extensions of this version. A mirror's is a
       * tar, compressed or not, with one folder at its top that holds `lib/` and `extensions/`.
       */
      tarball: download(
        // The first has current releases only, and is the faster one.
        [
          'https://dlcdn.apache.org/druid/33.0.0/apache-druid-33.0.0-bin.tar.gz',
          'https://archive.apache.org/dist/druid/33.0.0/apache-druid-33.0.0-bin.tar.gz',
        ],
        '5ee5ddbcc2273834af8a18dd173b2a04b9a911cb7ce516279db605788abd7d79',
      ),
      /** The library that lets Druid's Kafka consumers speak IAM to MSK. */
      mskIamAuth: mskIamAuth(),
      /** How long readings can be queried, days of the wall clock; history looks back 5 days of grid time. */
      retentionDays: z
        .int()
        .min(1)
        .max(3_650)
        .default(DEFAULT_DAYS * 2),
      /** Kafka ingestion tasks of powerraw; one takes about 72,000 readings/s on a core. */
      powerrawTasks: z.int().min(1).max(100).default(1),
    })
    .prefault({}),

  airflow: z
    .strictObject({
      /** Airflow 3 needs more than 2 GB. */
      instanceType: instanceType.default('t3.medium'),
    })
    .prefault({}),

  superset: z
    .strictObject({
      instanceType: instanceType.default('t3.medium'),
    })
    .prefault({}),

  hosts: z
    .strictObject({
      /** An image of Debian 12 (amd64). Default: Debian's newest, taken from its SSM parameter at each launch. */
      imageId: z
        .string()
        .regex(/^ami-[0-9a-f]{8,17}$/, 'an image id such as ami-0123456789abcdef0')
        .optional(),
      /** Lines of /etc/apt/sources.list that replace the image's own, for a deployment without the internet. */
      aptSources: z.array(z.string().regex(/^deb /, 'a line that starts with "deb "')).min(1).optional(),
      /** Session Manager's agent, which Debian's image lacks. */
      ssmAgent: agentPackage(
        'https://s3.{region}.amazonaws.com/amazon-ssm-{region}/3.3.1142.0/debian_amd64/amazon-ssm-agent.deb',
      ),
      /** CloudWatch's agent, which Debian's image lacks. */
      cloudWatchAgent: agentPackage(
        'https://amazoncloudwatch-agent-{region}.s3.{region}.amazonaws.com/debian/amd64/1.300049.1b929/amazon-cloudwatch-agent.deb',
      ),
      /**
       * A host whose service has been down for this long shuts itself down, and its group starts another one, minutes.
       * At most 60 divided by this many replacements an hour. A service that is busy counts as up; for planned work
       * there is `igrid-maintenance` (docs/operate/maintenance.md, "Work on a host").
       */
      replaceAfterMinutes: z.int().min(15).max(1_440).default(30),
      /** Where Python packages come from: an https:// index, or an s3:// prefix with the files. Default: pip's own index. */
      pythonIndexUrl: downloadAddress.optional(),
    })
    .prefault({}),

  /**
   * What is issued again at the next deployment: raise a number by one and deploy all stacks. Hosts that use it are
   * replaced in the same deployment (docs/operate/maintenance.md, "Rotate secrets", "Rotate certificates").
   */
  rotation: z
    .strictObject({
      /** The private certificate authority and all certificates. EMR takes new ones with a new cluster only. */
      certificates: z.int().min(1).max(1_000_000).default(1),
      /** The passwords of Druid, Airflow and Superset for the metadata database. */
      databasePasswords: z.int().min(1).max(1_000_000).default(1),
    })
    .prefault({}),

  operations: z
    .strictObject({
      /** Who is told of alarms. Without it nobody is: prod refuses that. */
      alarmEmail: z.email().optional(),
      /** USD a month at which the Budget warns (80 % forecast) and alarms (100 % spent). */
      monthlyBudgetUsd: z.number().positive().default(3_000),
      /** Days that logs are kept. */
      logRetentionDays: z.literal(LOG_RETENTION_DAYS, `one of ${LOG_RETENTION_DAYS.join(', ')}`).default(14),
    })
    .prefault({}),
});

/** A complete, checked configuration. */
export type GridConfig = z.output<typeof fields>;

/** What a file or a preset may hold: everything is optional. */
export type GridConfigInput = z.input<typeof fields>;
