/** The configuration's JSON Schema, from the zod schema that checks it. */
import { z } from 'zod';

import { fields } from '../../../lib/config/schema.ts';

/** A place in the schema, as far as the reference shows it. */
const nodeSchema = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  unit: z.string().optional(),
  allowed: z.string().optional(),
  otherwise: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  multipleOf: z.number().optional(),
  get properties(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof nodeSchema>> {
    return z.record(z.string(), nodeSchema).optional();
  },
  get items(): z.ZodOptional<typeof nodeSchema> {
    return nodeSchema.optional();
  },
  get anyOf(): z.ZodOptional<z.ZodArray<typeof nodeSchema>> {
    return z.array(nodeSchema).optional();
  },
});

export type SchemaNode = z.output<typeof nodeSchema>;

/** What a configuration file may hold, with the units and words of the reference beside JSON Schema's own keys. */
export function configurationNode(): SchemaNode {
  return nodeSchema.parse(z.toJSONSchema(fields, { io: 'input' }));
}

/** The same for editors: the descriptions contain what JSON Schema has no key for. */
export function configurationSchema(): string {
  return `${JSON.stringify(forEditors(configurationNode()), undefined, 2)}\n`;
}

function forEditors(node: SchemaNode): Record<string, unknown> {
  const { unit, allowed, otherwise, description, properties, items, anyOf, ...rest } = node;
  const told = [
    ...(description === undefined ? [] : [description]),
    ...(unit === undefined ? [] : [`Unit: ${unit}.`]),
    ...(allowed === undefined ? [] : [`Allowed: ${allowed}.`]),
    ...(otherwise === undefined ? [] : [`Without it: ${otherwise}.`]),
  ].join(' ');
  return {
    ...rest,
    ...(told === '' ? {} : { description: told }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, forEditors(one)])),
    }),
    ...(items && { items: forEditors(items) }),
    ...(anyOf && { anyOf: anyOf.map(forEditors) }),
  };
}
