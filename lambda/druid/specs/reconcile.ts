/** What to do next about Druid's specs: pure, so that every situation can be tested. */
import type { RequestType } from '../../shared/custom-resource.ts';

/** A command that was sent for this very request, as Systems Manager describes it. */
export interface Command {
  readonly id: string;
  /** Systems Manager's word: `Pending`, `InProgress`, `Success`, `Failed`, `TimedOut`, ... */
  readonly status: string;
  readonly requestedAt: Date;
}

export interface Situation {
  readonly type: RequestType;
  /** The host's instance; absent while none is in service and connected to Systems Manager. */
  readonly instanceId: string | undefined;
  /** Commands of this request, in any order. */
  readonly commands: readonly Command[];
  readonly requestedAt: Date;
  readonly now: Date;
}

export type Action =
  { readonly kind: 'send' } | { readonly kind: 'wait' } | { readonly kind: 'done' } | { readonly kind: 'fail' };

/** How often a command is sent before its failure is the deployment's. */
export const ATTEMPTS = 3;

/** How long a deletion waits for a host that does not do as told, ms. */
export const DELETE_PATIENCE_MS = 300_000;

const UNDER_WAY = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** One look, one action. */
export function reconcile({ type, instanceId, commands, requestedAt, now }: Situation): Action {
  const [newest] = [...commands].sort((a, b) => b.requestedAt.getTime() - a.requestedAt.getTime());
  if (newest?.status === 'Success') {
    return { kind: 'done' };
  }
  if (type === 'Delete') {
    // A host that is dead, or that fails, must not keep a stack from going: its ingestion ends with it.
    const isOverdue = now.getTime() - requestedAt.getTime() > DELETE_PATIENCE_MS;
    if (instanceId === undefined || isOverdue || (newest && !UNDER_WAY.has(newest.status))) {
      return { kind: 'done' };
    }
    return newest ? { kind: 'wait' } : { kind: 'send' };
  }
  if (newest && UNDER_WAY.has(newest.status)) {
    return { kind: 'wait' };
  }
  if (commands.length >= ATTEMPTS) {
    return { kind: 'fail' };
  }
  return instanceId === undefined ? { kind: 'wait' } : { kind: 'send' };
}
