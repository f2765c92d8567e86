import { z } from 'zod';

import { download, instanceType, mskIamAuth, text } from './values.ts';

export const spark = z
  .strictObject({
    release: text(/^emr-7\.\d+\.\d+$/, 'a release of EMR 7, such as emr-7.13.0')
      .default('emr-7.13.0')
      .meta({ description: "EMR's release: 7.13.0 has Spark 3.5.6 on Scala 2.12." }),
    primaryType: instanceType.default('m5.xlarge').meta({
      description: 'EC2 type of the primary node. The smallest m5 that EMR takes is m5.xlarge.',
    }),
    coreType: instanceType.default('m5.xlarge').meta({ description: 'EC2 type of the core nodes.' }),
    coreNodes: z.int().min(0).max(100).default(2).meta({
      description: 'Number of core nodes. 0: the cluster has one node, the primary, which runs the executor, too.',
      unit: 'nodes',
    }),
    maxCoreNodes: z.int().min(1).max(200).optional().meta({
      description:
        'Managed scaling adds core nodes up to this number. At least `spark.coreNodes`; not without core nodes.',
      unit: 'nodes',
      otherwise: 'no scaling',
    }),
    diskGiB: z.int().min(32).max(2_048).default(64).meta({
      description: 'Disk of a node for shuffles and the state store.',
      unit: 'GiB',
    }),
    executorMemoryGiB: z.int().min(1).max(120).default(8).meta({
      description:
        'Heap of an executor. Each core node runs one; without core nodes the primary node does. At most what YARN has for it on the type of that node.',
      unit: 'GiB',
    }),
    executorCores: z.int().min(1).max(32).default(3).meta({
      description:
        'Cores of an executor: fewer than the vCPUs of its node. Times the number of such nodes, it is also the number of shuffle partitions.',
      unit: 'cores',
    }),
    batchSeconds: z.int().min(1).max(60).default(1).meta({
      description:
        'Time from the start of one micro-batch to the start of the next. Beside its readings, a batch costs a look-up of every open window of its appliances: many appliances need longer batches, and duty cycles come that much later.',
      unit: 'seconds',
    }),
    maxOffsetsPerTrigger: z.int().min(1_000).default(3_000_000).meta({
      description: 'The most readings that one micro-batch takes. Bounds memory while the job catches up.',
      unit: 'readings',
    }),
    fetchMinBytes: z.int().min(1).max(16_777_216).default(65_536).meta({
      description:
        "Kafka's `fetch.min.bytes` of the job: a broker answers once it has so much for the consumer. A fetch costs a broker much the same whatever it brings. 64 KiB are about 4,600 readings.",
      unit: 'bytes',
    }),
    fetchMaxWaitMs: z.int().min(1).max(5_000).default(100).meta({
      description:
        "Kafka's `fetch.max.wait.ms` of the job: the longest that a broker waits for `spark.fetchMinBytes`. A batch may take so much longer.",
      unit: 'ms',
    }),
    checkpoint: text(/^[a-z0-9-]{1,32}$/, 'up to 32 lower-case letters, digits and dashes')
      .default('2')
      .meta({
        description:
          "Name of the checkpoint, which has the job's position and its open windows. Under another name the job starts again at the oldest readings in Kafka: the way out of a checkpoint that Spark can't read. The default counts the formats that the job's state has had.",
      }),
    clusterGeneration: z.int().min(1).max(10_000).default(1).meta({
      description:
        'Which EMR cluster of this deployment it is. Raise it by one, and the next deployment creates a new cluster, moves the job to it, and terminates the old one if it still exists: the way out of a cluster that has terminated.',
      unit: 'clusters so far',
    }),
    restartsPerHour: z.int().min(0).max(20).default(3).meta({
      description: 'How often within an hour a failed step is started again before an operator must act.',
      unit: 'restarts per hour',
    }),
    mskIamAuth: mskIamAuth('The library that lets Java clients authenticate to MSK with IAM.'),
    kafkaClients: download(
      'https://repo1.maven.org/maven2/org/apache/kafka/kafka-clients/3.4.1/kafka-clients-3.4.1.jar',
      '9d0a9058c8ede79db6e54ae378ed16fe8d1bead2894635a4aa6aa0b7981668c6',
      "Kafka's client, which Spark's Kafka connector needs and EMR lacks: the version that the connector of Spark 3.5 is built with (its Maven dependency).",
    ),
    commonsPool: download(
      'https://repo1.maven.org/maven2/org/apache/commons/commons-pool2/2.11.1/commons-pool2-2.11.1.jar',
      'ea0505ee7515e58b1ac0e686e4d1a5d9f7d808e251a61bc371aa0595b9963f83',
      "The connector's pool of consumers, which EMR lacks, too: the version of Spark 3.5's connector.",
    ),
  })
  .prefault({})
  .meta({ description: 'Spark on EMR, with the job that computes duty cycles.' });
