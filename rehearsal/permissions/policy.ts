/** Roles and what their own policies allow, as far as a rehearsal looks at them. */
import { z } from 'zod';

const listed = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  /** Absent where a statement has NotAction: that can't be listed action by action. */
  Action: listed.optional(),
  Resource: listed.optional(),
});

const policySchema = z.object({
  Statement: z.union([statementSchema, z.array(statementSchema)]).transform((value) => [value].flat()),
});

const trustSchema = z.object({
  Statement: z.array(z.object({ Principal: z.object({ Service: listed.optional() }) })),
});

/** Some actions on some resources; both may have the wildcards of policies. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export interface Role {
  /** Stack and construct, e.g. `replay/replayrole`. */
  readonly name: string;
  /** Its name in the account. */
  readonly physicalName: string;
  /** Services that assume it, e.g. `lambda.amazonaws.com`. */
  readonly assumedBy: readonly string[];
  /** What its inline policies allow: policies that AWS manages are not the deployment's to cut. */
  readonly grants: readonly Grant[];
}

/** @throws ZodError where it is no policy. */
export function grantsOf(policy: unknown): Grant[] {
  return policySchema
    .parse(policy)
    .Statement.filter(({ Effect, Action }) => Effect === 'Allow' && Action !== undefined)
    .map(({ Action = [], Resource = [] }) => ({ actions: Action, resources: Resource }));
}

/** The services that a trust policy names. @throws ZodError where it is none. */
export function servicesOf(trustPolicy: unknown): string[] {
  return trustSchema.parse(trustPolicy).Statement.flatMap(({ Principal }) => Principal.Service ?? []);
}

/**
 * Whether a pattern of a policy holds for a value: `*` and `?`, and for actions without regard to case.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matches(pattern: string, value: string, flags: '' | 'i' = ''): boolean {
  const source = pattern
    .replaceAll(/[^\w*?]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, flags).test(value);
}

/** CDK ends a logical id with eight hexadecimal digits. */
export function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
