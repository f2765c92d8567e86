/**
 * Properties of templates as they are once deployed, with a word for each name that AWS gives: `@part.LogicalId` for a
 * resource, `@part.LogicalId.Attribute` for an attribute. A reference to another stack is the same word as one within it.
 */
import { z } from 'zod';

import type { Templates } from '../synth.ts';

/** A resource with its properties resolved. */
export interface Resolved {
  /** The word that stands for its name. */
  readonly name: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export function resolvedResources(templates: Templates): Resolved[] {
  return templates.resources().map(({ stack, logicalId, Type, Properties }) => ({
    name: `@${stack}.${logicalId}`,
    type: Type,
    properties: Object.fromEntries(
      Object.entries(Properties).map(([name, value]) => [name, resolve(templates, stack, value)]),
    ),
  }));
}

const objectSchema = z.record(z.string(), z.unknown());
const attributeSchema = z.union([z.string(), z.array(z.string())]);
const joinSchema = z.tuple([z.string(), z.array(z.string())]);
const stackOutputSchema = z.object({ StackName: z.string(), OutputName: z.string() });
const outputSchema = z.object({ Value: z.unknown() });

function resolve(templates: Templates, stack: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((inner) => resolve(templates, stack, inner));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(objectSchema.parse(value)).map(
    ([name, inner]) => [name, resolve(templates, stack, inner)] as const,
  );
  const [first] = entries;
  return first && entries.length === 1 && (first[0] === 'Ref' || first[0].startsWith('Fn::'))
    ? intrinsic(templates, stack, ...first)
    : Object.fromEntries(entries);
}

function intrinsic(templates: Templates, stack: string, name: string, argument: unknown): unknown {
  switch (name) {
    case 'Ref':
      return `@${stack}.${z.string().parse(argument)}`;
    case 'Fn::GetAtt':
      return `@${[stack, attributeSchema.parse(argument)].flat().join('.')}`;
    case 'Fn::Base64':
      return argument;
    case 'Fn::Join': {
      const [separator, parts] = joinSchema.parse(argument);
      return parts.join(separator);
    }
    case 'Fn::GetStackOutput': {
      const { StackName, OutputName } = stackOutputSchema.parse(argument);
      const part = [...templates.byPart.keys()].find((known) => StackName.endsWith(`-${known}`));
      const output = part === undefined ? undefined : templates.byPart.get(part)?.Outputs[OutputName];
      if (part === undefined || output === undefined) {
        throw new Error(`${stack}: the stack ${StackName} has no output ${OutputName}`);
      }
      return resolve(templates, part, outputSchema.parse(output).Value);
    }
    default:
      // One word without double quotes: it may stand within JSON text.
      return `@${name}(${JSON.stringify(argument)})`.replaceAll('"', "'");
  }
}
