/**
 * The CDK app: configuration in, stacks out. `-c preset=NAME` chooses a preset, `-c config=FILE` a JSON file over it;
 * without either it is the seed's topology.
 */
import { App } from 'aws-cdk-lib';

import { checkCapacity } from '../lib/capacity/capacity.ts';
import { ConfigError, loadConfig } from '../lib/config/load.ts';
import { buildGrid } from '../lib/grid-app.ts';

const app = new App();
try {
  const config = loadConfig({ preset: app.node.tryGetContext('preset'), file: app.node.tryGetContext('config') });
  checkCapacity(config);
  buildGrid(app, config);
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) {
    throw error;
  }
  console.error(`igrid: ${error.message.replaceAll('\n', '\nigrid: ')}`);
  process.exitCode = 2;
}
