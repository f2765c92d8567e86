import { readFile } from 'node:fs/promises';

import { describe, expect, test } from '@jest/globals';

import { COLLECTOR } from '../../../bench/spark/jobs.ts';
import { repositoryPath } from '../../../src/files/repository.ts';

const STEP = repositoryPath('emr-bootstrap/step.sh');

describe("the benched duty-cycle job's Java", () => {
  test('collects its garbage as that on EMR', async () => {
    const onEmr = /^collector=(\S+)$/m.exec(await readFile(STEP, 'utf8'))?.[1];
    expect(onEmr).toBe(COLLECTOR['spark.driver.defaultJavaOptions']);
  });
});
