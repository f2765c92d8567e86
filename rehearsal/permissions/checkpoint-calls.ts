/** The checkpoint's requests to S3, as they were counted and as the estimate has them. */
import { checkpointRequests, type Requests } from '../../lib/spark/checkpoint-requests.ts';
import type { CallCount } from './counts.ts';

/** Requests of a span of time. */
export interface CheckpointCalls extends Requests {
  /** Batches that were completed: files of the log of commits; one that is being written is a half. */
  readonly batches: number;
}

/** What counts as a PUT to S3's prices. A copy is a PUT to policies. */
const PUTS = ['s3:PutObject', 's3:ListBucket'];

/** A batch's file in the log of commits is put under another name, and copied to its own: two that policies call a PUT. */
const PUTS_OF_COMMIT = 2;

/** Only the nodes write checkpoints. */
const COMMITS = /\/checkpoint\/[^/]+\/commits$/;

/** Of the roles that write a checkpoint; what they do beside is a few requests at the step's start. */
export function checkpointCalls(counts: readonly CallCount[]): CheckpointCalls {
  const commits = counts.filter(({ action, folder }) => action === 's3:PutObject' && COMMITS.test(folder));
  const roles = new Set(commits.map(({ role }) => role));
  const own = counts.filter(({ role }) => roles.has(role));
  const sum = (some: readonly CallCount[]): number => some.reduce((all, { calls }) => all + calls, 0);
  return {
    batches: sum(commits) / PUTS_OF_COMMIT,
    put: sum(own.filter(({ action }) => PUTS.includes(action))),
    get: sum(own.filter(({ action }) => action === 's3:GetObject')),
  };
}

/** @returns one line with both figures, and by how much what was counted differs, as a share of what is estimated. */
export function compareCalls(
  before: CheckpointCalls,
  after: CheckpointCalls,
  minutes: number,
  partitions: number,
): { readonly line: string; readonly difference: number } {
  const batches = after.batches - before.batches;
  // The rehearsal's Hadoop is 3.3.
  const { batch, minute } = checkpointRequests(partitions, 'all');
  const estimated = batch.put * batches + minute.put * minutes;
  const counted = after.put - before.put;
  const line =
    `${counted} requests that cost as PUT in ${batches} batches and ${minutes.toFixed(1)} min, estimated ${estimated.toFixed(0)} ` +
    `(${(counted / batches).toFixed(1)} a batch); beside them ${after.get - before.get} that cost as GET`;
  return { line, difference: counted / estimated - 1 };
}
