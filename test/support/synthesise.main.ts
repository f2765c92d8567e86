/**
 * Synthesises every deployment of deployments.ts in one process, so that programs are bundled once, and leaves what
 * tests need as JSON files in the folder that it is given, then an empty file DONE, or FAILED with the error. CDK's own
 * validation of templates is left out (CDK_VALIDATION=false): the check of the offline synthesis runs the app with it, as
 * an operator does.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { z } from 'zod';

import type { GridConfig } from '../../lib/config/schema.ts';
import { buildGrid } from '../../lib/grid-app.ts';
import { acceptedNagFindings } from '../../lib/stack/nag-findings.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { type DeploymentName, DEPLOYMENTS, NAGGED } from './deployments.ts';
import { DONE, FAILED, type Synthesised } from './synth.ts';

/** CDK's feature flags as `cdk` itself would set them. */
const { context } = z
  .object({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(repositoryPath('cdk.json'), 'utf8')));

function newApp(): App {
  return new App({ context: { ...context, 'aws:cdk:disable-asset-staging': true }, treeMetadata: false });
}

function synthesise(config: GridConfig): Omit<Synthesised, 'nag'> {
  const app = newApp();
  buildGrid(app, config);
  const assembly = app.synth();
  return {
    templates: Object.fromEntries(assembly.stacks.map((stack) => [stack.id, stack.template as unknown])),
    missing: assembly.manifest.missing ?? [],
  };
}

const reportSchema = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      violations: z.array(
        z.object({ ruleName: z.string(), violatingConstructs: z.array(z.object({ constructPath: z.string() })) }),
      ),
    }),
  ),
});

/** What cdk-nag finds and what is answered; with findings, CDK refuses to go on, but has written its report. */
function nag(config: GridConfig): Synthesised['nag'] {
  const app = newApp();
  buildGrid(app, config);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const answers = app.node
    .findAll()
    .flatMap((construct) =>
      acceptedNagFindings(construct).flatMap((findings) =>
        Object.keys(findings).map((accepted) => ({ path: construct.node.path, accepted })),
      ),
    );
  try {
    app.synth();
  } catch {
    // The report says more than the error.
  }
  const report = reportSchema.parse(JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')));
  const found = report.pluginReports.find(({ pluginName }) => pluginName === 'AwsSolutions');
  if (!found) {
    throw new Error('cdk-nag has not run');
  }
  return {
    answers,
    findings: found.violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => ({ path: constructPath, finding: ruleName })),
    ),
  };
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  throw new Error('usage: synthesise.main.ts FOLDER');
}
try {
  for (const [name, config] of Object.entries(DEPLOYMENTS) as [DeploymentName, () => GridConfig][]) {
    const result: Synthesised = {
      ...synthesise(config()),
      ...(NAGGED.includes(name) ? { nag: nag(config()) } : {}),
    };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(result));
  }
  writeFileSync(join(folder, DONE), '');
} catch (error) {
  writeFileSync(join(folder, FAILED), error instanceof Error ? (error.stack ?? error.message) : String(error));
  throw error;
}
