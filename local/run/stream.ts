/** Step 2: Kafka, then the replay and what works on the live stream: Spark, the audit, the canary. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { kafkaProcess } from '../../engines/processes/kafka.ts';
import { checkpointOf, sparkProcess } from '../../engines/processes/spark.ts';
import type { EngineHomes } from '../../engines/setup/set-up.ts';
import type { EngineProcess } from '../../engines/supervision/engine.ts';
import type { CanaryEvent } from '../../src/canary/events.ts';
import { thresholds } from '../../src/core/appliances/registry.ts';
import { WATERMARK_MS } from '../../src/core/clock/grid-clock.ts';
import { until } from '../../src/core/clock/until.ts';
import type { BackfilledEvent } from '../../src/replay/events.ts';
import { filledBy, type Pasts, pastsOf } from '../pasts.ts';
import { auditProcess, canaryProcess, replayProcess } from '../programs.ts';
import type { RunExtent } from '../report/druid-counts.ts';
import type { LocalState } from '../state.ts';
import { ensureTopics, type TopicOffsets } from '../topics.ts';
import type { RunContext } from './context.ts';
import type { Prepared } from './prepare.ts';

const TICK_MS = 100;

/** The end of the backfill, and when the replay started, ms since the epoch. */
interface ReplayStarted {
  readonly backfilled: BackfilledEvent;
  readonly startedMs: number;
}

/** Kafka comes first and alone: all else waits for the backfill, and the backfill for Kafka. */
export async function startKafka(run: RunContext, homes: EngineHomes): Promise<TopicOffsets> {
  const { ports } = run.options;
  await run.supervisor.start([
    kafkaProcess({
      java: homes.tools.java,
      jars: homes.kafkaJars,
      directory: run.path('kafka'),
      port: ports.kafka,
      controllerPort: ports.kafkaController,
    }),
  ]);
  return ensureTopics(run.brokers);
}

/**
 * Backfills, then starts all that works on the live stream.
 *
 * @param offsets where each topic ended when the run began.
 */
export async function startStream(
  run: RunContext,
  { homes, local }: Prepared,
  offsets: TopicOffsets,
): Promise<RunExtent> {
  const { from, to, speed } = run.options;
  const epochMs = await local.epoch(speed, Math.ceil(Date.now() / 1_000) * 1_000);
  const pasts = pastsOf(run.options, local);
  noteBackfill(run, local, pasts);
  const { backfilled, startedMs } = await startReplay(run, epochMs, pasts);
  const liveFromMs = backfilled.live_from_ms;
  run.keepNote(local.live({ from, to, fromMs: liveFromMs }));
  await run.supervisor.start([
    await sparkOf(run, homes, backfilled),
    auditOf(run, offsets, backfilled),
    canaryProcess({ brokers: run.brokers, druid: run.druidUrl, speed }, (event) => onCanary(run, event)),
  ]);
  const backfill = [pasts.first, pasts.others].map((past) => ({
    ...{ from: past.from, to: past.to },
    spans: filledBy(past, startedMs, liveFromMs),
  }));
  return { liveFromMs, backfill };
}

/** A run that is stopped during its backfill must not be followed by one that sends the same readings again. */
function noteBackfill(run: RunContext, local: LocalState, pasts: Pasts): void {
  for (const { from, to, ms } of [pasts.first, pasts.others]) {
    if (ms > 0) {
      run.keepNote(local.live({ from, to, fromMs: Date.now() - ms }));
    }
  }
}

/** Starts the replay and resolves when it goes live. */
async function startReplay(run: RunContext, epochMs: number, pasts: Pasts): Promise<ReplayStarted> {
  const { facts, state, supervisor } = run;
  let backfilled: BackfilledEvent | undefined;
  let startedMs = Infinity;
  const replay = replayProcess({ ...run.options, brokers: run.brokers, epochMs, pasts }, (event) => {
    facts.onReplay(event);
    if (event.event === 'started') {
      if (startedMs === Infinity) {
        for (const warning of event.warnings) {
          state.note(warning);
        }
      }
      startedMs = Math.min(startedMs, event.at_ms);
    }
    if (event.event === 'backfilled') {
      backfilled ??= event;
    }
    if (event.event === 'progress') {
      const { readings_per_s, late_ms } = event;
      state.figures({ readings: facts.sent.acknowledged, readingsPerSecond: readings_per_s, lateMs: late_ms });
    }
  });
  await supervisor.start([replay]);
  await until(() => backfilled !== undefined || supervisor.state('replay') === 'failed', { intervalMs: TICK_MS });
  if (!backfilled) {
    throw new Error(`the replay failed: see ${run.path('logs', 'replay.log')}`);
  }
  // The replay reaches back from a moment after it started.
  return { backfilled, startedMs };
}

async function sparkOf(run: RunContext, homes: EngineHomes, backfilled: BackfilledEvent): Promise<EngineProcess> {
  const { from, to } = run.options;
  const thresholdsFile = run.path('thresholds.json');
  await writeFile(thresholdsFile, JSON.stringify(thresholds({ from, to })));
  return sparkProcess({
    javaHome: homes.tools.javaHome,
    environment: homes.spark,
    jars: (await readdir(homes.sparkJars)).map((jar) => join(homes.sparkJars, jar)),
    brokers: run.brokers,
    directory: run.path('spark'),
    // A run's own: its first offsets are where the backfill ended, and a checkpoint would overrule them.
    checkpoint: checkpointOf(run.path('spark'), run.startedMs),
    thresholds: thresholdsFile,
    clock: run.clock,
    startingOffsets: backfilled.offsets,
    onProgress: (progress) => {
      run.facts.onSpark(progress);
      if (typeof progress.lag === 'number') {
        run.state.figures({ sparkLag: progress.lag });
      }
    },
  });
}

function auditOf(run: RunContext, offsets: TopicOffsets, backfilled: BackfilledEvent): EngineProcess {
  return auditProcess(
    {
      brokers: run.brokers,
      from: offsets,
      streamFrom: backfilled.offsets,
      liveFromMs: backfilled.live_from_ms,
      slideMs: run.clock.slideMs,
      watermarkMs: WATERMARK_MS,
    },
    (event) => (run.facts.audit = event),
  );
}

function onCanary({ facts, live, state }: RunContext, event: CanaryEvent): void {
  facts.onCanary(event);
  if (event.event !== 'freshness') {
    return;
  }
  // What the canary sent while engines were still starting tells how long they took to start.
  if (event.data_source === 'powerraw') {
    live.onFreshness(event.ms);
  }
  if (event.at_ms - event.ms < live.ms) {
    return;
  }
  facts.freshness[event.data_source].add(event.ms);
  const lastMinute = facts.freshness.powerraw.lastMinute;
  if (lastMinute) {
    state.figures({ freshnessMs: lastMinute });
  }
}
