/** The streaming step on a node that holds exactly the jars that EMR 7 has. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execaSync } from 'execa';

import { repositoryPath } from '../../lib/assets/repository.ts';
import { type FakeCommands, fakeCommands } from '../support/fake-commands.ts';

/** In connector/lib of EMR 7: no version in their names, and nothing of what they need beside Spark. */
const EMR_CONNECTORS = ['spark-sql-kafka-0-10.jar', 'spark-token-provider-kafka-0-10.jar', 'spark-avro.jar'];
const OURS = ['aws-msk-iam-auth.jar', 'kafka-clients.jar', 'commons-pool2.jar'];

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
      python3: 'printf %s "$PYSPARK_SUBMIT_ARGS" >"$FOLDER/submitted"',
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

  const run = (auth: 'iam' | 'none' = 'iam') =>
    execaSync(
      'bash',
      [repositoryPath('emr-bootstrap/step.sh'), 'spark', 'arn:cluster', 'eu-central-1', auth, '3', '8'],
      {
        // The archive has kafka.sh beside step.sh.
        cwd: repositoryPath('ec2-userdata/common'),
        env: { ...node.environment, SPARK_HOME: spark, IGRID_ROOT: join(node.folder, 'igrid') },
        reject: false,
      },
    );
  const submitted = () => readFileSync(join(node.folder, 'submitted'), 'utf8');
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

  test('writes no log that grows with the stream', () => {
    run();
    expect(submitted()).toContain('--conf spark.eventLog.enabled=false ');
    expect(submitted()).toContain('--conf spark.log.level=WARN ');
  });
});
