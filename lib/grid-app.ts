import { type App, Aspects } from 'aws-cdk-lib';

import { AirflowStack } from './airflow/airflow-stack.ts';
import type { GridConfig } from './config/schema.ts';
import { DownloadsStack } from './downloads/downloads-stack.ts';
import { DruidStack } from './druid/druid-stack.ts';
import { FoundationStack } from './foundation/foundation-stack.ts';
import { KafkaStack } from './kafka/kafka-stack.ts';
import { ProviderLogs } from './lambdas/provider-logs.ts';
import { NetworkStack } from './network/network-stack.ts';
import { OperationsStack } from './operations/operations-stack.ts';
import { ReplayStack } from './replay/replay-stack.ts';
import { SparkStack } from './spark/spark-stack.ts';
import { SupersetStack } from './superset/superset-stack.ts';

/** The stacks of a deployment: a table of contents. References point upwards only. */
export interface Grid {
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly foundation: FoundationStack;
  readonly kafka: KafkaStack;
  readonly spark: SparkStack;
  readonly druid: DruidStack;
  readonly airflow: AirflowStack;
  readonly superset: SupersetStack;
  readonly replay: ReplayStack;
  readonly operations: OperationsStack;
}

export function buildGrid(app: App, config: GridConfig): Grid {
  Aspects.of(app).add(new ProviderLogs(config));
  const network = new NetworkStack(app, { config });
  const downloads = new DownloadsStack(app, { config });
  const foundation = new FoundationStack(app, { config, network });
  const kafka = new KafkaStack(app, { config, network });
  const spark = new SparkStack(app, { config, network, downloads, foundation, kafka });
  const druid = new DruidStack(app, { config, network, downloads, foundation, kafka });
  const airflow = new AirflowStack(app, { config, network, downloads, foundation, kafka, druid });
  const superset = new SupersetStack(app, { config, network, downloads, foundation, druid });
  const replay = new ReplayStack(app, { config, network, downloads, kafka });
  const operations = new OperationsStack(app, { config, foundation, spark, druid, airflow, superset, replay });
  return { network, downloads, foundation, kafka, spark, druid, airflow, superset, replay, operations };
}
