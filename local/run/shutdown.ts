/** Step 6: drains the stream, compares the counts and makes the report. */
import type { DruidApi } from '../../src/druid/api.ts';
import type { RunExtent } from '../report/druid-counts.ts';
import { reconcile } from '../report/reconcile.ts';
import type { Report } from '../report/report.ts';
import type { LocalState } from '../state.ts';
import type { RunContext } from './context.ts';
import type { OptionalServices } from './optional-services.ts';

/** How long engines get to catch up after a disturbance: Druid reads again what it had not published, ms. */
const PATIENCE_AFTER_FAULTS_MS = 300_000;

/** What is drained, beside the context. */
export interface Running {
  readonly druid: DruidApi;
  readonly extent: RunExtent;
  readonly services: OptionalServices;
  readonly local: LocalState;
  /** Whether faults were injected, as by a storm. */
  readonly isDisturbed: boolean;
}

/** @returns the report; `reconciled` says whether all counts agree. */
export async function drain(run: RunContext, running: Running): Promise<Report> {
  const { facts, state, supervisor } = run;
  const { services, local } = running;
  state.update({ phase: 'draining' });
  await Promise.all(['replay', 'canary'].map((name) => supervisor.stopOne(name)));
  await run.endNotes();
  await services.stop();
  const liveS = (Date.now() - run.live.ms) / 1_000;
  const { counts, disagreements } = await reconcile(
    run.brokers,
    running.druid,
    running.extent,
    facts,
    running.isDisturbed ? { patienceMs: PATIENCE_AFTER_FAULTS_MS } : {},
  );
  const problems = [...disagreements, ...services.failures, ...(local.failure === undefined ? [] : [local.failure])];
  return {
    readings: counts.readings,
    topics: counts.topics,
    repeats: counts.repeats,
    druid: counts.druid,
    windows_expected: counts.windows_expected,
    freshness_ms: {
      powerraw: facts.freshness.powerraw.whole ?? null,
      dutycycle: facts.freshness.dutycycle.whole ?? null,
    },
    ready_s: state.snapshot.readyS ?? null,
    peak_rss_mb: Math.round(run.memory.stop() / 1e6),
    live_s: liveS,
    unreadable_lines: supervisor.unreadableLines(),
    reconciled: problems.length === 0,
    disagreements: problems,
  };
}
