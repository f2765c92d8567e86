import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { STEP_NAME } from '../../lambda/spark/step-controller/names.ts';
import { thresholds } from '../../src/core/appliances/registry.ts';
import { gridClock, WATERMARK_MS } from '../../src/core/clock/grid-clock.ts';
import { MAX_MESSAGE_POWER_W } from '../../src/core/limits.ts';
import { TOPICS } from '../../src/core/messages/topics.ts';
import type { StepSettings } from '../../src/spark/step-settings.ts';
import { Archive } from '../assets/archive.ts';
import type { GridConfig } from '../config/schema.ts';
import type { KafkaCluster } from '../kafka/kafka-cluster.ts';
import { statePartitions } from './checkpoint-requests.ts';

/** Consumer group in which the job shows its position, and prefix of those it reads with. */
export const CONSUMER_GROUP = 'igrid-spark';

export interface JobProps {
  readonly config: GridConfig;
  readonly kafka: KafkaCluster;
  /** Where the job keeps its position and state. */
  readonly bucket: s3.Bucket;
}

/** The Spark job as an archive, and the arguments with which a step runs it. */
export class Job extends Construct {
  /** Of command-runner.jar. They name the archive by its hash: a changed job is a changed step. */
  readonly stepArguments: readonly string[];
  readonly #archive: Archive;
  readonly #props: JobProps;

  constructor(scope: Construct, id: string, props: JobProps) {
    super(scope, id);
    this.#props = props;
    const { config, kafka, bucket } = props;
    const { spark, replay } = config;
    const clock = gridClock(config.speed);

    this.#archive = new Archive(this, 'archive', {
      name: 'spark',
      contents: {
        'step.sh': { from: 'emr-bootstrap/step.sh' },
        'step_settings.py': { from: 'emr-bootstrap/step_settings.py' },
        'kafka.sh': { from: 'ec2-userdata/common/kafka.sh' },
        'duty_cycle.py': { from: 'emr-bootstrap/duty_cycle.py' },
        dutycycle: { from: 'emr-bootstrap/dutycycle' },
        'schemas/powerraw.avsc': { from: 'src/core/messages/powerraw.avsc' },
        'schemas/dutycycle.avsc': { from: 'src/core/messages/dutycycle.avsc' },
        'schemas/deadletter.avsc': { from: 'src/core/messages/deadletter.avsc' },
        'thresholds.json': {
          text: JSON.stringify(thresholds({ from: 0, to: replay.hosts * replay.playbacksPerHost })),
        },
      },
    });
    const launch = ['bash', '/opt/igrid/run-archive', this.#archive.url, this.#archive.sha256];
    const settings: StepSettings = {
      application: STEP_NAME,
      cluster_arn: kafka.clusterArn,
      region: Stack.of(this).region,
      kafka_auth: config.kafka.auth,
      executor_cores: spark.executorCores,
      executor_memory_gib: spark.executorMemoryGiB,
      checkpoint: bucket.s3UrlForObject(`checkpoint/${spark.checkpoint}`),
      window_ms: clock.windowMs,
      slide_ms: clock.slideMs,
      max_gap_ms: clock.maxGapMs,
      watermark_ms: WATERMARK_MS,
      max_power_w: MAX_MESSAGE_POWER_W,
      topic: TOPICS.powerraw,
      output_topic: TOPICS.dutycycle,
      dead_letter_topic: TOPICS.deadletter,
      group: CONSUMER_GROUP,
      trigger: spark.batchSeconds * 1_000,
      max_offsets_per_trigger: spark.maxOffsetsPerTrigger,
      fetch_min_bytes: spark.fetchMinBytes,
      fetch_max_wait_ms: spark.fetchMaxWaitMs,
      shuffle_partitions: statePartitions(spark),
    };
    // What CDK leaves to be filled in at deployment (ARN, region, bucket) has nothing that JSON would escape.
    this.stepArguments = [...launch, 'step.sh', JSON.stringify(settings)];
  }

  /** What the job needs: its archive, its topics, its checkpoint. */
  grantRun(grantee: iam.IGrantable): void {
    const { kafka, bucket } = this.#props;
    this.#archive.grantRead(grantee);
    bucket.grantReadWrite(grantee, 'checkpoint/*');
    // S3A asks for each folder above one that it makes as if it were an object; to who may not, S3 says 403, not 404.
    iam.Grant.addToPrincipal({
      grantee,
      actions: ['s3:GetObject'],
      resourceArns: [bucket.arnForObjects('checkpoint')],
    });
    kafka.access.grantConsume(grantee, TOPICS.powerraw, CONSUMER_GROUP);
    kafka.access.grantProduce(grantee, TOPICS.dutycycle);
    kafka.access.grantProduce(grantee, TOPICS.deadletter);
  }
}
