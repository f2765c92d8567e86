/** docs/reference/configuration.md: every field of the configuration with type, unit, default and allowed values. */
import { z } from 'zod';

import { PRESETS } from '../../../lib/config/presets.ts';
import { configurationNode, type SchemaNode } from './configuration-schema.ts';
import { code, GENERATED, table } from './markdown.ts';

/** A field, or a group of them, with its path. */
interface Located {
  readonly path: string;
  readonly node: SchemaNode;
}

const INTRODUCTION = `# Configuration

${GENERATED}

\`--preset dev|seed|district|city\` chooses a size; \`--config FILE\` puts a JSON file over it, field by field. A wrong value stops
the synthesis with the field, the value and what is allowed. Rules between fields are in \`lib/config/rules.ts\`.
[Deploy](../operate/deploy.md#configure) has examples.

## In an editor

[configuration.schema.json](configuration.schema.json) is the JSON Schema of a configuration file, from the same source as this
page. Editors with a JSON language server (VS Code, JetBrains IDEs, Neovim, Helix and others) then complete fields, show their
descriptions and mark wrong values. Name it in the file, relative to the file:

\`\`\`jsonc
{
  "$schema": "./docs/reference/configuration.schema.json",
  "name": "north"
}
\`\`\`

or, in VS Code, for all files of a name, in \`.vscode/settings.json\`:

\`\`\`jsonc
"json.schemas": [{ "fileMatch": ["*.grid.json"], "url": "./docs/reference/configuration.schema.json" }]
\`\`\`

It does not know rules between fields: \`npx cdk synth -c config=FILE\` checks everything.`;

const HEADER = ['field', 'type', 'unit', 'default', 'allowed', 'what it decides'];

export function configurationPage(): string {
  const root = configurationNode();
  const sections = Object.entries(root.properties ?? {});
  const single = sections.filter(([, { properties }]) => properties === undefined);
  const groups = sections.filter(([, { properties }]) => properties !== undefined);
  return [
    INTRODUCTION,
    '## The deployment',
    tableOf(single.map(([path, node]) => ({ path, node }))),
    ...groups.flatMap(([name, group]) => [`## \`${name}\``, group.description ?? '', tableOf(leaves(name, group))]),
    '## Presets',
    'What each preset sets beside the defaults above.',
    presets(),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

/** The fields below a group, in the schema's order. */
export function leaves(path: string, node: SchemaNode): Located[] {
  return node.properties === undefined
    ? [{ path, node }]
    : Object.entries(node.properties).flatMap(([name, inner]) => leaves(path === '' ? name : `${path}.${name}`, inner));
}

function tableOf(located: readonly Located[]): string {
  return table(
    HEADER,
    located.map(({ path, node }) => [
      code(path),
      typeOf(node),
      node.unit ?? '',
      node.default === undefined ? (node.otherwise ?? '') : valueOf(node.default),
      allowedOf(node),
      node.description ?? '',
    ]),
  );
}

export function typeOf({ type, anyOf, items }: SchemaNode): string {
  if (anyOf) {
    return anyOf.map(typeOf).join(' or ');
  }
  return type === 'array' ? `list of ${items ? typeOf(items) : 'values'}` : type === 'string' ? 'text' : (type ?? '');
}

/** What a field takes: its values, its bounds, or its form in words. */
export function allowedOf(node: SchemaNode): string {
  if (node.enum) {
    return node.enum.map((value) => code(String(value))).join(', ');
  }
  return node.allowed ?? bounds(node);
}

function bounds({ minimum, maximum, exclusiveMinimum, multipleOf }: SchemaNode): string {
  // zod bounds every integer by what JavaScript represents exactly.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const range =
    exclusiveMinimum !== undefined
      ? `above ${figure(exclusiveMinimum)}`
      : minimum !== undefined && most !== undefined
        ? `${figure(minimum)} to ${figure(most)}`
        : minimum !== undefined
          ? `at least ${figure(minimum)}`
          : '';
  return multipleOf === undefined ? range : `${range}, a multiple of ${figure(multipleOf)}`;
}

const figure = (value: number): string => value.toLocaleString('en-GB');

function valueOf(value: unknown): string {
  const values = z.array(z.unknown()).safeParse(value);
  return values.success
    ? values.data.map((one) => code(String(one))).join(', ')
    : code(typeof value === 'string' ? value : JSON.stringify(value));
}

function presets(): string {
  const names = Object.keys(PRESETS);
  const values = Object.values(PRESETS).map((preset) => new Map(valuesOf('', preset)));
  const paths = [...new Set(values.flatMap((known) => [...known.keys()]))];
  const order = leaves('', configurationNode()).map(({ path }) => path);
  return table(
    ['field', ...names],
    paths
      .sort((one, other) => order.indexOf(one) - order.indexOf(other))
      .map((path) => [code(path), ...values.map((known) => known.get(path) ?? '')]),
  );
}

function valuesOf(path: string, value: unknown): [path: string, value: string][] {
  const group = z.record(z.string(), z.unknown()).safeParse(value);
  return group.success
    ? Object.entries(group.data).flatMap(([name, inner]) => valuesOf(path === '' ? name : `${path}.${name}`, inner))
    : [[path, valueOf(value)]];
}
