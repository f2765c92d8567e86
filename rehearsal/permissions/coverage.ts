/** What a rehearsal says of each role's permissions: the calls that they cover, and what was never called. */
import type { Call } from './calls.ts';
import { OUT_OF_SIGHT, SIGNING_SERVICES } from './out-of-sight.ts';
import { matches, type Role } from './policy.ts';

/** Something that a role may do and was not seen to do: a candidate to remove. */
export interface Unused {
  /** Stack and construct. */
  readonly role: string;
  /** As in the policy. */
  readonly action: string;
  readonly resources: readonly string[];
}

/** A wildcard of which only some actions were seen: a candidate to write out. */
export interface Broad {
  /** Stack and construct. */
  readonly role: string;
  /** As in the policy. */
  readonly action: string;
  /** Those that were seen. */
  readonly seen: readonly string[];
}

export interface Coverage {
  /** How many different calls were seen of the deployment's roles. */
  readonly calls: number;
  /** How many roles made them. */
  readonly callers: number;
  /** Calls that no policy allows: on AWS they fail. */
  readonly denied: readonly Call[];
  /** Calls that are allowed if conditions hold or resources match that the emulator can't judge. */
  readonly assumed: readonly Call[];
  readonly unused: readonly Unused[];
  readonly broad: readonly Broad[];
  /** Roles whose calls a rehearsal can't see at all, by who makes them. */
  readonly outOfSight: readonly { readonly role: string; readonly assumedBy: readonly string[] }[];
}

/** Calls of roles that are not among `roles` (the CDK bootstrap's, say) are left out. */
export function coverage(roles: readonly Role[], calls: readonly Call[]): Coverage {
  const byPhysicalName = new Map(roles.map((role) => [role.physicalName, role]));
  const own = calls.flatMap((call) => {
    const role = byPhysicalName.get(call.role);
    return role ? [{ ...call, role: role.name }] : [];
  });
  const visible = roles.filter(({ assumedBy }) => assumedBy.some((service) => SIGNING_SERVICES.includes(service)));
  const looked = visible.map((role) => look(role, own));
  return {
    calls: own.length,
    callers: new Set(own.map(({ role }) => role)).size,
    denied: own.filter(({ decision }) => decision === 'denied'),
    assumed: own.filter(({ decision }) => decision === 'assumed'),
    unused: looked.flatMap(({ unused }) => unused),
    broad: looked.flatMap(({ broad }) => broad),
    outOfSight: roles
      .filter((role) => !visible.includes(role))
      .map(({ name, assumedBy }) => ({ role: name, assumedBy })),
  };
}

function look(role: Role, calls: readonly Call[]): { unused: Unused[]; broad: Broad[] } {
  const own = calls.filter((call) => call.role === role.name);
  const unused: Unused[] = [];
  const broad: Broad[] = [];
  for (const { actions, resources } of role.grants) {
    for (const action of actions.filter((name) => !isOutOfSight(name))) {
      const seen = own.filter((call) => matches(action, call.action, 'i') && onOneOf(resources, call.resource));
      if (seen.length === 0) {
        unused.push({ role: role.name, action, resources });
      } else if (action.includes('*')) {
        broad.push({ role: role.name, action, seen: [...new Set(seen.map((call) => call.action))].sort() });
      }
    }
  }
  return { unused, broad };
}

const onOneOf = (patterns: readonly string[], resource: string): boolean =>
  resource.includes('*') || patterns.some((pattern) => matches(pattern, resource));

const isOutOfSight = (action: string): boolean =>
  OUT_OF_SIGHT.some(({ actions }) => actions.some((pattern) => matches(pattern, action, 'i')));
