import type { App } from 'aws-cdk-lib';

import type { GridConfig } from './config/schema.ts';
import { NetworkStack } from './network/network-stack.ts';
import { StreamStack } from './stream/stream-stack.ts';

/** The stacks of a deployment: a table of contents. References point upwards only. */
export interface Grid {
  readonly network: NetworkStack;
  readonly stream: StreamStack;
}

export function buildGrid(app: App, config: GridConfig): Grid {
  const network = new NetworkStack(app, { config });
  const stream = new StreamStack(app, { config, network });
  return { network, stream };
}
