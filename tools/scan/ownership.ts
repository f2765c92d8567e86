import type { Candidate } from './candidate.ts';

/** The tag that every resource carries which takes tags; its value is the deployment's name. */
export const PROJECT_TAG = 'project';

/**
 * Whether a candidate is of the deployment `name`. A tag `project` decides; without one a name does that is the
 * deployment's or begins with it and a dash: CloudFormation begins the names that it makes up with the stack's.
 *
 * @param others names of the deployments that live in the same account and region: with `igrid` and `igrid-north` side
 *   by side, `igrid-north-...` is of the latter.
 */
export function isOf(name: string, others: readonly string[], candidate: Pick<Candidate, 'names' | 'tags'>): boolean {
  const project = candidate.tags?.[PROJECT_TAG];
  if (project !== undefined) {
    return project === name;
  }
  const longer = others.filter((other) => other !== name && other.startsWith(`${name}-`));
  return candidate.names.some((one) => belongs(name, one) && !longer.some((other) => belongs(other, one)));
}

function belongs(deployment: string, name: string): boolean {
  return name === deployment || name.startsWith(`${deployment}-`);
}
