import { ALLOWED, RETAINED_IN_PROD } from './allowed.ts';
import type { Candidate } from './candidate.ts';
import { isOf } from './ownership.ts';

/** What a candidate is judged against. */
export interface Deployment {
  readonly name: string;
  readonly profile: 'dev' | 'prod';
  /** Names of the deployments that live beside it. */
  readonly others: readonly string[];
}

export type Verdict =
  | { readonly kind: 'not ours' }
  /** Must go. */
  | { readonly kind: 'left' }
  | { readonly kind: 'allowed'; readonly reason: string };

/** Whether a candidate is of the deployment, or of those that all share, and may stay. */
export function judge(candidate: Candidate, { name, profile, others }: Deployment): Verdict {
  const allowance = ALLOWED.find(({ holds }) => holds(candidate));
  if (!(allowance?.isShared ?? isOf(name, others, candidate))) {
    return { kind: 'not ours' };
  }
  if (allowance) {
    return { kind: 'allowed', reason: allowance.reason };
  }
  const kept = profile === 'prod' ? RETAINED_IN_PROD[candidate.type] : undefined;
  return kept === undefined ? { kind: 'left' } : { kind: 'allowed', reason: `kept on purpose in prod: ${kept}` };
}
