import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { emrNodeBinds } from '../../rehearsal/emr-node.ts';

/** What Maven puts beside each other. */
const CACHED = [
  'commons-pool2-2.11.1.jar',
  'kafka-clients-3.4.1.jar',
  'spark-avro_2.12-3.5.7.jar',
  'spark-sql-kafka-0-10_2.12-3.5.7.jar',
  'spark-token-provider-kafka-0-10_2.12-3.5.7.jar',
];

describe("the rehearsal's node of EMR", () => {
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igrid-node-'));
    await files('connectors', CACHED);
    await files('spark/lib/python3.11/site-packages/pyspark/jars', ['spark-core_2.12-3.5.7.jar']);
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const files = async (where: string, names: readonly string[]): Promise<void> => {
    await mkdir(join(folder, where), { recursive: true });
    await Promise.all(names.map((name) => writeFile(join(folder, where, name), '')));
  };

  const binds = (): Promise<Record<string, string>> =>
    emrNodeBinds(join(folder, 'spark'), join(folder, 'connectors'), join(folder, 's3'));

  it("has exactly EMR's connectors where the step looks, by EMR's names", async () => {
    const found = await binds();
    // A folder would bring whatever lies in it.
    expect(found).not.toHaveProperty(['/usr/lib/spark/connector/lib']);
    expect(found).not.toHaveProperty(['/usr/lib/spark/external/lib']);
    const connectors = Object.keys(found).filter((target) => dirname(target) === '/usr/lib/spark/connector/lib');
    expect(connectors.map((target) => basename(target)).sort()).toEqual([
      'spark-avro.jar',
      'spark-sql-kafka-0-10.jar',
      'spark-token-provider-kafka-0-10.jar',
    ]);
    expect(found['/usr/lib/spark/connector/lib/spark-avro.jar']).toBe(join(folder, 'connectors', CACHED[2] ?? ''));
  });

  it.each(['kafka-clients-3.4.1.jar', 'commons-pool2-2.11.1.jar'])(
    'is refused with %s among the jars of Spark, where EMR has none',
    async (jar) => {
      await files('spark/lib/python3.11/site-packages/pyspark/jars', [jar]);
      await expect(binds()).rejects.toThrow(`has ${jar}, which EMR's Spark has not`);
    },
  );

  it('is refused without one of the connectors', async () => {
    await rm(join(folder, 'connectors', 'spark-avro_2.12-3.5.7.jar'));
    await expect(binds()).rejects.toThrow('has no spark-avro: delete it, then start again');
  });
});
