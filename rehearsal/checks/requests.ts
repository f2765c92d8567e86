/** What the checkpoint asks of S3 is what the estimate says. */
import { loadConfig } from '../../lib/config/load.ts';
import { statePartitions } from '../../lib/spark/checkpoint-requests.ts';
import { type Check, CheckError } from '../check.ts';
import { eventually } from '../eventually.ts';
import { type CheckpointCalls, checkpointCalls, compareCalls } from '../permissions/checkpoint-calls.ts';
import { readCallCounts } from '../permissions/counts.ts';

/** Spark keeps the files of a hundred batches (`minBatchesToRetain`), and only then deletes as many as it writes. */
const STEADY_BATCHES = 130;

/** Batches over which requests are counted: a snapshot comes every eleventh, and maintenance every minute. */
const COUNTED_BATCHES = 60;

const PATIENCE_MS = 900_000;

/** By how much the count may differ from the estimate, as a share of it. */
const TOLERANCE = 0.2;

export const requests: Check = {
  name: 'requests',
  expectation: "the checkpoint's requests to S3 are as many as the estimate of its cost has, within 20 %",
  after: ['duty-cycles'],
  run: async ({ logs, configFile }) => {
    const after = (least: number): Promise<CheckpointCalls> => {
      let seen = 0;
      return eventually(
        async () => {
          const calls = checkpointCalls(await readCallCounts(logs));
          seen = calls.batches;
          return calls.batches >= least && calls;
        },
        { timeoutMs: PATIENCE_MS },
        () => `${seen} batches of the checkpoint after ${PATIENCE_MS / 60_000} min, not ${least}`,
      );
    };
    const before = await after(STEADY_BATCHES);
    const startedMs = Date.now();
    const now = await after(before.batches + COUNTED_BATCHES);
    const partitions = statePartitions(loadConfig({ file: configFile }).spark);
    const { line, difference } = compareCalls(before, now, (Date.now() - startedMs) / 60_000, partitions);
    if (Math.abs(difference) > TOLERANCE) {
      throw new CheckError(`${line}: ${(difference * 100).toFixed(0)} % off`);
    }
    return line;
  },
};
