import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

/** Where EMR has Spark. */
const SPARK_HOME = '/usr/lib/spark';

const NODE = join(import.meta.dirname, 'emr-node');

/** What EMR has beside Spark's own jars, with the sources: names as they are on a node, without versions. */
const connectorsSchema = z.object({
  release: z.string(),
  folder: z.string().startsWith(SPARK_HOME),
  jars: z.array(z.string()).min(1),
  leftOut: z.record(z.string(), z.string()),
  sources: z.array(z.string()).min(1),
});

/** Jars that Maven brings along and EMR does not have: on AWS the bootstrap action ships them. */
const NOT_ON_EMR = /^(kafka-clients|commons-pool2)\b/;

/**
 * What makes a Debian machine a primary node of EMR: Spark at its place, from this computer's cache, read-only. Where
 * the job's step looks for jars there are exactly those that EMR has.
 *
 * @param spark virtual environment with PySpark.
 * @param connectors folder with the jars that let Spark read Kafka and Avro, and with what those need.
 * @param s3 folder with the jars that let it read S3.
 * @returns folders and files of this computer by where the node sees them.
 */
export async function emrNodeBinds(spark: string, connectors: string, s3: string): Promise<Record<string, string>> {
  const libraries = join(spark, 'lib');
  const python = (await readdir(libraries)).find((name) => name.startsWith('python3'));
  if (python === undefined) {
    throw new Error(`${libraries} has no Python: delete ${spark}, then start again`);
  }
  const pyspark = join(libraries, python, 'site-packages', 'pyspark');
  const tooMany = (await readdir(join(pyspark, 'jars'))).filter((name) => NOT_ON_EMR.test(name));
  if (tooMany.length > 0) {
    throw new Error(`${join(pyspark, 'jars')} has ${tooMany.join(', ')}, which EMR's Spark has not`);
  }
  return {
    [`${SPARK_HOME}/bin`]: join(pyspark, 'bin'),
    [`${SPARK_HOME}/jars`]: join(pyspark, 'jars'),
    [`${SPARK_HOME}/python/pyspark`]: pyspark,
    [`${SPARK_HOME}/python/lib`]: join(pyspark, 'python', 'lib'),
    ...(await connectorBinds(connectors)),
    [`${SPARK_HOME}/s3`]: s3,
    [`${SPARK_HOME}/conf/spark-defaults.conf`]: join(NODE, 'spark-defaults.conf'),
  };
}

/** Each of EMR's connectors by its name there; the files in the cache have their versions. */
async function connectorBinds(cached: string): Promise<Record<string, string>> {
  const { folder, jars } = connectorsSchema.parse(JSON.parse(await readFile(join(NODE, 'connectors.json'), 'utf8')));
  const files = await readdir(cached);
  return Object.fromEntries(
    jars.map((name) => {
      const file = files.find((candidate) => candidate.startsWith(`${name}_`) && candidate.endsWith('.jar'));
      if (file === undefined) {
        throw new Error(`${cached} has no ${name}: delete it, then start again`);
      }
      return [join(folder, `${name}.jar`), join(cached, file)];
    }),
  );
}
