/** The streaming step on a node that holds exactly the jars that EMR 7 has. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execaSync } from 'execa';

import type { KafkaAuth } from '../../src/core/kafka-auth.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import type { StepSettings } from '../../src/spark/step-settings.ts';
import { type FakeCommands, fakeCommands } from '../support/fake-commands.ts';

/** In connector/lib of EMR 7: no version in their names, and nothing of what they need beside Spark. */
const EMR_CONNECTORS = ['spark-sql-kafka-0-10.jar', 'spark-token-provider-kafka-0-10.jar', 'spark-avro.jar'];
const OURS = ['aws-msk-iam-auth.jar', 'kafka-clients.jar', 'commons-pool2.jar'];

/** The real one, beside which the fake stands. */
const PYTHON = execaSync('bash', ['-c', 'command -v python3']).stdout;

const SETTINGS: StepSettings = {
  ...{ application: 'spark', cluster_arn: 'arn:cluster', region: 'eu-central-1' },
  kafka_auth: 'iam',
  ...{ executor_cores: 3, executor_memory_gib: 8, checkpoint: 's3://bucket/checkpoint/2' },
  ...{ window_ms: 25_000, slide_ms: 5_000, max_gap_ms: 1_250, watermark_ms: 2_000, max_power_w: 100_000 },
  ...{ topic: 'powerraw', output_topic: 'dutycycle', dead_letter_topic: 'deadletter', group: "a 'group' of $one" },
  ...{ trigger: 1_000, max_offsets_per_trigger: 3_000_000, shuffle_partitions: 6 },
  ...{ fetch_min_bytes: 65_536, fetch_max_wait_ms: 100 },
};

describe('the streaming step', () => {
  let node: FakeCommands;
  let spark: string;
  const put = (file: string) => {
    mkdirSync(dirname(join(node.folder, file)), { recursive: true });
    writeFileSync(join(node.folder, file), '');
  };
  beforeEach(() => {
    node = fakeCommands({
      aws: 'echo b-1:9098',
      yarn: 'exit 0',
      // The metadata service, of an instance in a zone, once there is a file that names it.
      curl: '[[ -f $FOLDER/zone ]] || exit 22; [[ "$*" == *api/token ]] && echo TOKEN || cat "$FOLDER/zone"',
      python3: `case $1 in duty_cycle.py) printf %s "$PYSPARK_SUBMIT_ARGS" >"$FOLDER/submitted"; printf '%s\\n' "$@" >"$FOLDER/arguments" ;; *) exec ${PYTHON} "$@" ;; esac`,
    });
    spark = join(node.folder, 'spark');
    for (const jar of EMR_CONNECTORS) {
      put(`spark/connector/lib/${jar}`);
    }
    for (const jar of OURS) {
      put(`igrid/jars/${jar}`);
    }
    put('spark/jars/spark-core_2.12-3.5.6-amzn-2.jar');
    put('spark/python/lib/py4j-0.10.9.7-src.zip');
  });
  afterEach(() => node.remove());

  const runWith = (...args: readonly string[]) =>
    execaSync('bash', [repositoryPath('emr-bootstrap/step.sh'), ...args], {
      // The archive has kafka.sh beside step.sh.
      cwd: repositoryPath('ec2-userdata/common'),
      env: { ...node.environment, SPARK_HOME: spark, IGRID_ROOT: join(node.folder, 'igrid') },
      reject: false,
    });
  const run = (auth: KafkaAuth = 'iam') => runWith(JSON.stringify({ ...SETTINGS, kafka_auth: auth }));
  const submitted = () => readFileSync(join(node.folder, 'submitted'), 'utf8');
  /** What duty_cycle.py was told, word by word. */
  const told = () => readFileSync(join(node.folder, 'arguments'), 'utf8').trimEnd().split('\n');
  const jars = () => /--jars (\S+)/.exec(submitted())?.[1]?.replaceAll(node.folder, '').split(',').sort();

  test("takes EMR's own connectors, and from beside EMR what EMR does not have", () => {
    expect(run()).toMatchObject({ exitCode: 0 });
    expect(jars()).toEqual(
      [
        ...EMR_CONNECTORS.map((jar) => `/spark/connector/lib/${jar}`),
        ...OURS.map((jar) => `/igrid/jars/${jar}`),
      ].sort(),
    );
  });

  test('names its own zone, from whose brokers the job then reads, where EC2 says it', () => {
    run();
    expect(told()).not.toContain('--client-rack');
    writeFileSync(join(node.folder, 'zone'), 'euc1-az2');
    run();
    expect(told()[told().indexOf('--client-rack') + 1]).toBe('euc1-az2');
  });

  test('leaves the library for IAM away where Kafka has no IAM', () => {
    run('none');
    expect(jars()).not.toContain('/igrid/jars/aws-msk-iam-auth.jar');
    expect(jars()).toContain('/igrid/jars/kafka-clients.jar');
  });

  test("takes EMR's own client of Kafka where a release has one", () => {
    put('spark/connector/lib/kafka-clients-3.4.1.jar');
    run();
    expect(jars()).toContain('/spark/connector/lib/kafka-clients-3.4.1.jar');
    expect(jars()).not.toContain('/igrid/jars/kafka-clients.jar');
  });

  test('names no jar that is on the class path as it is', () => {
    put('spark/jars/commons-pool2-2.11.1.jar');
    run();
    expect(jars()?.filter((jar) => jar.includes('commons-pool2'))).toEqual([]);
  });

  test('ends with the place where a jar is missing', () => {
    execaSync('rm', [join(node.folder, 'igrid/jars/kafka-clients.jar')]);
    expect(run()).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^step: there is no kafka-clients jar below \S+, nor \S+kafka-clients.jar: see spark\.release/,
      ),
    });
  });

  test('tells the job everything that is set, word by word', () => {
    expect(run()).toMatchObject({ exitCode: 0 });
    expect(submitted()).toContain('--name spark ');
    expect(submitted()).toContain('--conf spark.executor.cores=3 --conf spark.executor.memory=8g ');
    const { application, cluster_arn, region, kafka_auth, executor_cores, executor_memory_gib, ...job } = SETTINGS;
    expect([application, cluster_arn, region, kafka_auth, executor_cores, executor_memory_gib]).not.toContain(
      undefined,
    );
    expect(told()).toEqual([
      ...['duty_cycle.py', '--brokers', 'b-1:9098', '--security', 'msk-iam'],
      ...['--schemas', 'schemas', '--thresholds', 'thresholds.json'],
      ...Object.entries(job).flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, String(value)]),
    ]);
  });

  test.each([
    [['{"application":'], /^step: wrong settings '\{"application":': /],
    [['[]'], /^step: wrong settings '\[\]': it must be a JSON object$/],
    [
      ['{"application":"spark"}'],
      /: cluster_arn, region, kafka_auth, executor_cores, executor_memory_gib must be set$/,
    ],
    [[JSON.stringify({ ...SETTINGS, trigger: null })], /: trigger must be a text or a number, not null$/],
    [['spark', 'arn:cluster'], /^step: one argument is expected, JSON, not 2$/],
  ])('refuses %j', (args, stderr) => {
    expect(runWith(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(stderr) });
  });

  test('writes the checkpoint with as few requests as configuration allows', () => {
    run();
    expect(submitted()).toContain(
      '--conf spark.sql.streaming.checkpointFileManagerClass=org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager ',
    );
    expect(submitted()).toContain('--conf spark.hadoop.fs.s3a.create.performance=true ');
    expect(submitted()).toContain('--conf spark.hadoop.fs.s3a.performance.flags=create,delete ');
  });

  test('writes no log that grows with the stream', () => {
    run();
    expect(submitted()).toContain('--conf spark.eventLog.enabled=false ');
    expect(submitted()).toContain('--conf spark.log.level=WARN ');
  });
});
