/** What is left of a deployment in an AWS account, and whether it may be. */
import type { Check, Scope } from './candidate.ts';
import { CHECKS } from './checks/all.ts';
import { cloudFormation } from './checks/cloudformation.ts';
import { judge } from './judge.ts';
import { PROJECT_TAG } from './ownership.ts';

/** Something of the deployment. */
export interface Remnant {
  /** Name of the check that found it. */
  readonly service: string;
  readonly type: string;
  readonly id: string;
  /** In the service's words; empty when it has none. */
  readonly state: string;
}

export interface ScanReport {
  /** What must go. */
  readonly left: readonly Remnant[];
  /** What may stay, each with the reason. */
  readonly allowed: readonly (Remnant & { readonly reason: string })[];
  /** Services that could not be queried: what is left there is unknown. */
  readonly unknown: readonly { readonly service: string; readonly error: string }[];
}

/** Checks at a time: with more AWS begins to throttle. */
const CONCURRENCY = 4;

/**
 * Asks every service. Does not throw for a service that refuses: that is part of the report.
 *
 * @param profile `prod` keeps data on purpose.
 * @param checks by service. Default: all that there are.
 */
export async function scan(
  scope: Scope,
  profile: 'dev' | 'prod',
  checks: Readonly<Record<string, Check>> = CHECKS,
): Promise<ScanReport> {
  const left: Remnant[] = [];
  const allowed: (Remnant & { reason: string })[] = [];
  const unknown: { service: string; error: string }[] = [];
  const others = await deployments(scope);

  const ask = async (service: string, check: Check): Promise<void> => {
    for await (const candidate of check(scope)) {
      const verdict = judge(candidate, { name: scope.name, profile, others });
      const remnant = { service, type: candidate.type, id: candidate.id, state: candidate.state ?? '' };
      if (verdict.kind === 'left') {
        left.push(remnant);
      } else if (verdict.kind === 'allowed') {
        allowed.push({ ...remnant, reason: verdict.reason });
      }
    }
  };
  const queue = Object.entries(checks);
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [service, check] = next;
      await ask(service, check).catch((error: unknown) => {
        unknown.push({ service, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));

  const byPlace = (a: Remnant, b: Remnant): number => `${a.type} ${a.id}`.localeCompare(`${b.type} ${b.id}`);
  left.sort(byPlace);
  allowed.sort(byPlace);
  unknown.sort((a, b) => a.service.localeCompare(b.service));
  return { left, allowed, unknown };
}

/** Whether nothing is left that must go, and nothing unknown. */
export function isClean({ left, unknown }: ScanReport): boolean {
  return left.length === 0 && unknown.length === 0;
}

/** Names of all deployments whose stacks live in the account and region; none when CloudFormation can't be asked. */
async function deployments(scope: Scope): Promise<string[]> {
  const names = new Set<string>();
  try {
    for await (const { tags = {} } of cloudFormation(scope)) {
      const project = tags[PROJECT_TAG];
      if (project !== undefined) {
        names.add(project);
      }
    }
  } catch {
    // The check of CloudFormation itself fails on the same error, which is in the report.
  }
  return [...names];
}
