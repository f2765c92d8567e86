import { type App, Aspects } from 'aws-cdk-lib';

import { BatchStack } from './batch/batch-stack.ts';
import type { GridConfig } from './config/schema.ts';
import { DashboardStack } from './dashboard/dashboard-stack.ts';
import { DownloadsStack } from './downloads/downloads-stack.ts';
import { DutyCycleStack } from './duty-cycle/duty-cycle-stack.ts';
import { FoundationStack } from './foundation/foundation-stack.ts';
import { ProviderLogs } from './lambdas/provider-logs.ts';
import { NetworkStack } from './network/network-stack.ts';
import { OlapStack } from './olap/olap-stack.ts';
import { OperationsStack } from './operations/operations-stack.ts';
import { ReplayStack } from './replay/replay-stack.ts';
import { StreamStack } from './stream/stream-stack.ts';

/** The stacks of a deployment: a table of contents. References point upwards only. */
export interface Grid {
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly foundation: FoundationStack;
  readonly stream: StreamStack;
  readonly dutyCycle: DutyCycleStack;
  readonly olap: OlapStack;
  readonly batch: BatchStack;
  readonly dashboard: DashboardStack;
  readonly replay: ReplayStack;
  readonly operations: OperationsStack;
}

export function buildGrid(app: App, config: GridConfig): Grid {
  Aspects.of(app).add(new ProviderLogs(config));
  const network = new NetworkStack(app, { config });
  const downloads = new DownloadsStack(app, { config });
  const foundation = new FoundationStack(app, { config, network });
  const stream = new StreamStack(app, { config, network });
  const dutyCycle = new DutyCycleStack(app, { config, network, downloads, foundation, stream });
  const olap = new OlapStack(app, { config, network, downloads, foundation, stream });
  const batch = new BatchStack(app, { config, network, downloads, foundation, stream, olap });
  const dashboard = new DashboardStack(app, { config, network, downloads, foundation, olap });
  const replay = new ReplayStack(app, { config, network, downloads, stream });
  const operations = new OperationsStack(app, { config, foundation, dutyCycle, olap, batch, dashboard, replay });
  return { network, downloads, foundation, stream, dutyCycle, olap, batch, dashboard, replay, operations };
}
