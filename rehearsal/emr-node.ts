import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where EMR has Spark. */
const SPARK_HOME = '/usr/lib/spark';

/**
 * What makes a Debian machine a primary node of EMR: Spark at its place, from this computer's cache, read-only.
 *
 * @param spark virtual environment with PySpark.
 * @param connectors folder with the jars that let Spark read Kafka and Avro.
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
  return {
    [`${SPARK_HOME}/bin`]: join(pyspark, 'bin'),
    [`${SPARK_HOME}/jars`]: join(pyspark, 'jars'),
    [`${SPARK_HOME}/python/pyspark`]: pyspark,
    [`${SPARK_HOME}/python/lib`]: join(pyspark, 'python', 'lib'),
    [`${SPARK_HOME}/connector/lib`]: connectors,
    [`${SPARK_HOME}/s3`]: s3,
    [`${SPARK_HOME}/conf/spark-defaults.conf`]: join(import.meta.dirname, 'emr-node', 'spark-defaults.conf'),
  };
}
