/** The template of the stack `operations` of the preset `seed`, synthesised as the CDK CLI does. */
import { readFileSync } from 'node:fs';

import { App } from 'aws-cdk-lib';
import { z } from 'zod';

import { loadConfig } from '../../lib/config/load.ts';
import { buildGrid } from '../../lib/grid-app.ts';
import { repositoryPath } from '../../src/files/repository.ts';

const templateSchema = z.object({ Resources: z.record(z.string(), z.unknown()) });

/** Its resources. Takes half a minute of CPU: the programs of hosts and functions are bundled. */
export function operationsResources(): Readonly<Record<string, unknown>> {
  const { context } = z
    .object({ context: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync(repositoryPath('cdk.json'), 'utf8')));
  const app = new App({ context: { ...context, 'aws:cdk:disable-asset-staging': true }, treeMetadata: false });
  const { operations } = buildGrid(app, loadConfig({ preset: 'seed' }));
  return templateSchema.parse(app.synth().getStackArtifact(operations.artifactId).template).Resources;
}
