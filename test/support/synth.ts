/** Synthesised deployments for tests: each preset once in a process, without copying assets. */
import { App } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

import { checkConfig, loadConfig } from '../../lib/config/load.ts';
import type { GridConfig, GridConfigInput } from '../../lib/config/schema.ts';
import type { PresetName } from '../../lib/config/presets.ts';
import { buildGrid } from '../../lib/grid-app.ts';
import type { Part } from '../../lib/grid-stack.ts';
import { repositoryPath } from '../../lib/assets/repository.ts';

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

export type Resource = z.output<typeof resourceSchema>;

/** A resource with where it stands. */
export interface Located extends Resource {
  readonly stack: string;
  readonly logicalId: string;
}

/** The templates of a deployment, by part. */
export class Templates {
  readonly byPart: ReadonlyMap<string, z.output<typeof templateSchema>>;

  constructor(templates: ReadonlyMap<string, unknown>) {
    this.byPart = new Map([...templates].map(([part, template]) => [part, templateSchema.parse(template)]));
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

/** CDK's feature flags as `cdk` itself would set them. */
export function cdkContext(): Record<string, unknown> {
  return z
    .object({ context: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync(repositoryPath('cdk.json'), 'utf8'))).context;
}

export function newApp(): App {
  return new App({ context: { ...cdkContext(), 'aws:cdk:disable-asset-staging': true } });
}

export function synthesise(config: GridConfig): Templates {
  const app = newApp();
  buildGrid(app, config);
  return new Templates(new Map(app.synth().stacks.map((stack) => [stack.id, stack.template])));
}

const presets = new Map<PresetName, Templates>();

/** A preset as it comes. */
export function preset(name: PresetName): Templates {
  let templates = presets.get(name);
  if (!templates) {
    templates = synthesise(loadConfig({ preset: name }));
    presets.set(name, templates);
  }
  return templates;
}

let prod: Templates | undefined;

/** The seed's topology in the prod profile. */
export function prodTemplates(): Templates {
  prod ??= synthesise(checkConfig(PROD));
  return prod;
}

export const PROD: GridConfigInput = { profile: 'prod', operations: { alarmEmail: 'operator@example.org' } };

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
