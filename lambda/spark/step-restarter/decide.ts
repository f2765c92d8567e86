import { isActive, type Step } from '../step-controller/cluster.ts';
import { isSame } from '../step-controller/reconcile.ts';
import type { ControllerState } from '../step-controller/state.ts';

const HOUR_MS = 3_600_000;

export interface Failure {
  readonly stepId: string;
  readonly controller: ControllerState;
  readonly clusterIsAlive: boolean;
  /** Newest first. */
  readonly steps: readonly Step[];
  readonly restartsPerHour: number;
  readonly now: Date;
}

export type Decision =
  | { readonly kind: 'restart' }
  /** Not this function's task, or done already. */
  | { readonly kind: 'leave'; readonly reason: string }
  /** A restart does not help: a person must check it. */
  | { readonly kind: 'give-up'; readonly reason: string };

/** Whether a step that failed is started again. */
export function decide(failure: Failure): Decision {
  const { controller, steps, now } = failure;
  if (controller.phase === 'changing') {
    return { kind: 'leave', reason: 'a deployment is changing the step' };
  }
  if (!failure.clusterIsAlive) {
    return { kind: 'give-up', reason: 'the EMR cluster has ended' };
  }
  const failed = steps.find((step) => step.id === failure.stepId);
  if (failed?.state !== 'FAILED') {
    return { kind: 'leave', reason: `the step ${failure.stepId} has not failed but is ${failed?.state ?? 'unknown'}` };
  }
  if (!isSame(failed, controller.stepArguments)) {
    return { kind: 'leave', reason: `the step ${failure.stepId} is not the one that should run` };
  }
  if (steps.some(isActive)) {
    return { kind: 'leave', reason: 'a step is active already' };
  }
  const recent = steps.filter(
    (step) => step.state === 'FAILED' && step.endedAt && now.getTime() - step.endedAt.getTime() < HOUR_MS,
  );
  if (recent.length > failure.restartsPerHour) {
    return { kind: 'give-up', reason: `${recent.length} steps failed within an hour: ${failed.failure}` };
  }
  return { kind: 'restart' };
}
