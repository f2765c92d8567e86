/** IAM statements of synthesised templates, with resources as text that a list can name. */
import { z } from 'zod';

import { withoutHash } from '../../rehearsal/permissions/policy.ts';
import type { Templates } from './synth.ts';

const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.string(), z.array(z.string())]).transform((actions) => [actions].flat()),
  Resource: z.union([z.array(z.unknown()), z.unknown().transform((resource) => [resource])]),
  Condition: z.unknown().optional(),
});

export interface Statement extends z.output<typeof statementSchema> {
  /** Stack and logical id of the role or policy. */
  readonly where: string;
  /** Stack and logical id of the role, without CDK's hash. */
  readonly role: string;
}

const policies = z.array(z.object({ PolicyDocument: z.unknown() })).catch([]);

/** Every statement of roles and policies. */
export function statements(templates: Templates): Statement[] {
  return templates
    .resources('AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::IAM::ManagedPolicy')
    .flatMap(({ stack, logicalId, Properties }) =>
      [Properties.PolicyDocument, ...policies.parse(Properties.Policies).map((policy) => policy.PolicyDocument)]
        .filter((document) => document !== undefined)
        .flatMap((document) => z.object({ Statement: z.array(statementSchema) }).parse(document).Statement)
        .map((statement) => ({
          where: `${stack}/${logicalId}`,
          role: `${stack}/${withoutHash(logicalId).replace(/DefaultPolicy$/, '')}`,
          ...statement,
        })),
    );
}

/** One action on one resource that a role may do, with a `*` in either. */
export interface Wildcard {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}

export function wildcards(templates: Templates): Wildcard[] {
  return statements(templates)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ role, Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => ({ role, action, resource: textOf(resource) }))),
    )
    .filter(({ action, resource }) => action.includes('*') || resource.includes('*'));
}

const intrinsic = z.union([
  z.object({ Ref: z.string() }).transform(({ Ref }) => `<${withoutHash(Ref)}>`),
  z
    .object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
    .transform((get) => `<${withoutHash(get['Fn::GetAtt'][0])}>`),
  z.object({ 'Fn::Sub': z.string() }).transform((sub) => sub['Fn::Sub'].replaceAll(/\$\{([^}]*)\}/g, '<$1>')),
]);

/** A resource as text: references as the names of what they refer to, what comes from other stacks as `<other stack>`. */
export function textOf(resource: unknown): string {
  if (typeof resource === 'string') {
    return resource;
  }
  const joined = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }).safeParse(resource);
  if (joined.success) {
    const [separator, parts] = joined.data['Fn::Join'];
    return parts.map(textOf).join(separator);
  }
  const known = intrinsic.safeParse(resource);
  return known.success ? known.data : '<other stack>';
}
