import { sleep } from '../../src/core/clock/timers.ts';
import type { DruidApi } from '../../src/druid/api.ts';
import { endOffsets } from '../topics.ts';
import { druidCounts, type RunExtent } from './druid-counts.ts';
import { type Counts, disagreements } from './report.ts';
import type { RunFacts } from './run-facts.ts';

const LOOK_EVERY_MS = 1_000;
/** How long engines get, after the last reading, to catch up. */
const PATIENCE_MS = 120_000;
/** What agrees must still agree a moment later, when engines might have gone on. */
const LOOKS_THAT_AGREE = 2;

/** The counts as they stand, and what of them does not agree. */
export interface Reconciliation {
  readonly counts: Counts;
  readonly disagreements: readonly string[];
}

/**
 * Holds the counts of a run against each other once its producers have stopped: waits until the engines have caught
 * up, gives up after a while, and says what it found either way.
 *
 * @param options.patienceMs how long they may take. Default: two minutes.
 */
export async function reconcile(
  brokers: string,
  druid: DruidApi,
  run: RunExtent,
  facts: RunFacts,
  { patienceMs = PATIENCE_MS }: { patienceMs?: number } = {},
): Promise<Reconciliation> {
  const deadline = Date.now() + patienceMs;
  let last: Reconciliation | undefined;
  let failure: unknown;
  for (let agreed = 0; agreed < LOOKS_THAT_AGREE && Date.now() < deadline;) {
    await sleep(LOOK_EVERY_MS);
    try {
      const isReadToEnd = facts.isReadTo(await endOffsets(brokers));
      const counts = await currentCounts(druid, run, facts);
      last = { counts, disagreements: disagreements(counts) };
      agreed = isReadToEnd && last.disagreements.length === 0 ? agreed + 1 : 0;
    } catch (error) {
      // An engine that is being restarted: ask again.
      failure = error;
      agreed = 0;
    }
  }
  if (!last) {
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new Error(
      `nothing could be counted within ${patienceMs / 1_000} s (${why}): see the logs of Kafka and Druid`,
    );
  }
  return last;
}

async function currentCounts(druid: DruidApi, run: RunExtent, facts: RunFacts): Promise<Counts> {
  const { audit, late, lost, rejected } = facts;
  if (!audit) {
    throw new Error('the auditor has not reported: see its log');
  }
  const { sent, acknowledged } = facts.sentAgainst(audit.readings);
  return {
    readings: { sent, acked: acknowledged, late, lost, rejected: { ...rejected } },
    topics: { ...audit.records, dutycycle: audit.windows.found, history: audit.history.found },
    repeats: { powerraw: audit.readings.repeated, dutycycle: audit.windows.repeats, history: audit.history.repeats },
    windows_expected: audit.windows.expected,
    windows: audit.windows,
    druid: await druidCounts(druid, { ...run, historyFromMs: audit.history.from_ms }),
  };
}
