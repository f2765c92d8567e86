/**
 * Synthesised deployments for tests: made by one process in a run of jest, shared by all. A run of all unit tests starts
 * it (run-folder.mjs), another one when the first test asks.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { execaSync } from 'execa';
import { z } from 'zod';

import type { PresetName } from '../../lib/config/presets.ts';
import type { Part } from '../../lib/stack/grid-stack.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import type { DeploymentName } from './deployments.ts';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
  CreationPolicy: z.unknown().optional(),
});

const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema).default({}),
  Outputs: z.record(z.string(), z.unknown()).default({}),
  Parameters: z.record(z.string(), z.unknown()).default({}),
});

const synthesisedSchema = z.object({
  /** By part. */
  templates: z.record(z.string(), z.unknown()),
  /** What CDK would look up with credentials. */
  missing: z.array(z.unknown()),
  /** What cdk-nag found, and what lib/stack/nag-findings.ts answers; for some deployments only. */
  nag: z
    .object({
      findings: z.array(z.object({ path: z.string(), finding: z.string() })),
      answers: z.array(z.object({ path: z.string(), accepted: z.string() })),
    })
    .optional(),
});

export type Synthesised = z.output<typeof synthesisedSchema>;

export type Resource = z.output<typeof resourceSchema>;

/** A resource with where it stands. */
export interface Located extends Resource {
  readonly stack: string;
  readonly logicalId: string;
}

/** The templates of a deployment, by part. */
export class Templates {
  readonly byPart: ReadonlyMap<string, z.output<typeof templateSchema>>;

  constructor(templates: Readonly<Record<string, unknown>>) {
    this.byPart = new Map(Object.entries(templates).map(([part, template]) => [part, templateSchema.parse(template)]));
  }

  /** All resources, or those of some types. */
  resources(...types: readonly string[]): readonly Located[] {
    return [...this.byPart].flatMap(([stack, { Resources }]) =>
      Object.entries(Resources)
        .filter(([, resource]) => types.length === 0 || types.includes(resource.Type))
        .map(([logicalId, resource]) => ({ ...resource, stack, logicalId })),
    );
  }

  part(part: Part): z.output<typeof templateSchema> {
    const template = this.byPart.get(part);
    if (!template) {
      throw new Error(`there is no stack ${part}`);
    }
    return template;
  }
}

/** What synthesise.main.ts leaves beside the deployments at its end: DONE, or FAILED with the error. */
export const DONE = '.done';
export const FAILED = '.failed';

const read = new Map<DeploymentName, Synthesised>();

/** What a deployment of deployments.ts synthesises to. */
export function synthesised(name: DeploymentName): Synthesised {
  const known = read.get(name);
  if (known) {
    return known;
  }
  const file = join(madeFolder(), `${name}.json`);
  const result = synthesisedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  read.set(name, result);
  return result;
}

const templates = new Map<DeploymentName, Templates>();

export function templatesOf(name: DeploymentName): Templates {
  const known = templates.get(name) ?? new Templates(synthesised(name).templates);
  templates.set(name, known);
  return known;
}

/** A preset as it comes. */
export function preset(name: PresetName): Templates {
  return templatesOf(name);
}

/** The seed's topology in the prod profile. */
export function prodTemplates(): Templates {
  return templatesOf('prod');
}

/** How long another process may take to make them, ms. */
const PATIENCE_MS = 240_000;

/** The folder with all of them: makes them, or waits for the process that does. */
function madeFolder(): string {
  const run = process.env.IGRID_TEST_RUN;
  if (run === undefined) {
    throw new Error("IGRID_TEST_RUN is not set: jest's global setup (test/support/run-folder.mjs) has not run");
  }
  const folder = join(run, 'deployments');
  const done = join(folder, DONE);
  const failed = join(folder, FAILED);
  if (existsSync(done)) {
    return folder;
  }
  if (claim(folder)) {
    try {
      execaSync(
        process.execPath,
        ['--import', 'tsx', repositoryPath('test', 'support', 'synthesise.main.ts'), folder],
        { cwd: repositoryPath(), env: { NODE_OPTIONS: '', CDK_VALIDATION: 'false', CDK_DISABLE_STACK_TRACE: '1' } },
      );
    } catch (error) {
      writeFileSync(failed, String(error));
      throw error;
    }
    return folder;
  }
  const until = Date.now() + PATIENCE_MS;
  while (!existsSync(done)) {
    if (existsSync(failed)) {
      throw new Error(`the deployments could not be synthesised: ${readFileSync(failed, 'utf8')}`);
    }
    if (Date.now() > until) {
      throw new Error(`the deployments were not synthesised within ${PATIENCE_MS / 1_000} s`);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  return folder;
}

/** Makes the folder; false when it is there. */
function claim(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    // Node's own errors are of another realm than a test's classes: no instanceof.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/** Every value within `value` for which `test` holds, at any depth. */
export function within(value: unknown, test: (value: unknown) => boolean): unknown[] {
  const found = test(value) ? [value] : [];
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) {
      found.push(...within(inner, test));
    }
  }
  return found;
}
