import { readFileSync, writeFileSync } from 'node:fs';

import { z } from 'zod';

import { checkConfig, ConfigError } from '../../lib/config/load.ts';

const fileSchema = z.looseObject({
  spark: z.looseObject({ clusterGeneration: z.int().min(1).default(1) }).prefault({}),
});

/**
 * Raises `spark.clusterGeneration` in a configuration file by one: the next deployment, by whatever command, makes a
 * new EMR cluster in place of the one there is. The file remembers it, so that later deployments keep the new one.
 *
 * @param path of the JSON file.
 * @returns the new generation.
 * @throws ConfigError in one line when there is no such file or it is not a configuration.
 */
export function raiseClusterGeneration(path: string): number {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`config: can't read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  checkConfig(content);
  const { spark, ...others } = fileSchema.parse(content);
  const clusterGeneration = spark.clusterGeneration + 1;
  const raised = { ...others, spark: { ...spark, clusterGeneration } };
  checkConfig(raised);
  writeFileSync(path, `${JSON.stringify(raised, null, 2)}\n`);
  return clusterGeneration;
}
