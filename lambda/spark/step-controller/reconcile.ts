/**
 * What to do next so that exactly one step runs, the desired one. Asked again and again, it needs no memory but the
 * moment of the request: every answer follows from what EMR shows.
 */
import { isActive, type Step } from './cluster.ts';

/** How long a step must run before it counts as started: one that dies at once must fail the deployment, ms. */
export const STEADY_AFTER_MS = 60_000;

/** How long the job may take to finish its batch once it is cancelled, ms; then its process is killed. */
export const PATIENCE_MS = 180_000;

export interface Situation {
  /** The arguments that the running step should have; undefined when none should run. */
  readonly desired: readonly string[] | undefined;
  readonly clusterIsAlive: boolean;
  /** Newest first. */
  readonly steps: readonly Step[];
  readonly requestedAt: Date;
  readonly now: Date;
}

export type Action =
  | { readonly kind: 'done' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'submit' }
  | { readonly kind: 'cancel'; readonly stepIds: readonly string[]; readonly kill: boolean }
  | { readonly kind: 'fail'; readonly reason: string };

export function reconcile(situation: Situation): Action {
  const { desired, clusterIsAlive, steps, now, requestedAt } = situation;
  if (!clusterIsAlive) {
    return desired === undefined
      ? { kind: 'done' }
      : {
          kind: 'fail',
          reason:
            'the EMR cluster has ended: a step needs a living one (see Recreate the EMR cluster in docs/operate/maintenance.md)',
        };
  }

  const active = steps.filter(isActive);
  // Of several equal ones (a submission whose answer was lost) the oldest stays.
  const current = active.findLast((step) => step.state !== 'CANCEL_PENDING' && isSame(step, desired));
  const others = active.filter((step) => step !== current);
  if (others.length > 0) {
    return cancelling(others, now.getTime() - requestedAt.getTime() > PATIENCE_MS);
  }
  if (desired === undefined) {
    return { kind: 'done' };
  }
  if (current) {
    const isSteady =
      current.state === 'RUNNING' && now.getTime() - (current.startedAt ?? now).getTime() >= STEADY_AFTER_MS;
    return isSteady ? { kind: 'done' } : { kind: 'wait' };
  }

  const attempt = steps.find((step) => isSame(step, desired) && (step.createdAt ?? new Date(0)) >= requestedAt);
  if (attempt) {
    const detail = attempt.failure === '' ? '' : `: ${attempt.failure}`;
    return { kind: 'fail', reason: `the step ${attempt.id} ended as ${attempt.state} soon after its start${detail}` };
  }
  return { kind: 'submit' };
}

function cancelling(steps: readonly Step[], kill: boolean): Action {
  // EMR takes a second request for a step that is being cancelled only when it is to be killed.
  const stepIds = steps.filter((step) => kill || step.state !== 'CANCEL_PENDING').map((step) => step.id);
  return stepIds.length === 0 ? { kind: 'wait' } : { kind: 'cancel', stepIds, kill };
}

export function isSame(step: Pick<Step, 'stepArguments'>, desired: readonly string[] | undefined): boolean {
  return (
    desired?.length === step.stepArguments.length &&
    desired.every((argument, index) => argument === step.stepArguments[index])
  );
}
