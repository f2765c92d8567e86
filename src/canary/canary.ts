/** A made-up house: one reading a second, to measure how long readings and duty cycles take to become visible. */
import { appliance } from '../core/appliances/registry.ts';
import { WATERMARK_MS } from '../core/clock/grid-clock.ts';
import type { Heartbeat } from '../core/clock/heartbeat.ts';
import { after } from '../core/clock/timers.ts';
import { type RecordSink, SinkError } from '../kafka/producer/record-sink.ts';
import type { CanaryEvent } from './events.ts';
import type { GridFigures } from './grid-figures.ts';
import { CANARY_HOUSE } from './newest.ts';
import type { Others } from './others.ts';
import { pauseUntil } from './pause.ts';
import { type AskNewest, type ProbeOptions, ReadingProbe, WindowProbe } from './probes.ts';

/** How long brokers may take to acknowledge the last reading, ms. */
const DRAIN_MS = 30_000;

const PROGRESS_MS = 1_000;

export interface CanaryOptions {
  readonly sink: RecordSink;
  /** Knows whether others have something to catch up with; nothing is sent then. @default there are no others */
  readonly others?: Pick<Others, 'mayBeBehind' | 'areAtPresent'>;
  /** Knows when the process was stopped. @default it never was */
  readonly heartbeat?: Pick<Heartbeat, 'resumedMs'>;
  /** How Druid is asked, by data source. */
  readonly ask: { readonly powerraw: AskNewest; readonly dutycycle: AskNewest };
  /** What the grid draws: how often to ask, ms, and how. @default never */
  readonly figures?: { readonly everyMs: number; readonly ask: () => Promise<GridFigures | undefined> };
  /** How often to send, ms: whole seconds. */
  readonly intervalMs: number;
  /** The longest that a reading may stand for, ms: the job refuses what claims more. */
  readonly maxGapMs: number;
  readonly emit: (event: CanaryEvent) => void;
  /** Ends it in order. */
  readonly signal: AbortSignal;
  /** Told why a question was not answered. */
  readonly complain: (error: unknown) => void;
}

/**
 * Sends and asks until aborted.
 *
 * @throws SinkError when the brokers can't be reached, refuse, or don't acknowledge the last reading in time, and when the
 *   process was stopped with a reading under way, which is too late by then.
 */
export async function runCanary(options: CanaryOptions): Promise<void> {
  const { sink, ask, emit, signal, complain } = options;
  await sink.open();
  let failedQueries = 0;
  const progress = (event: 'progress' | 'stopped'): void => {
    const { sent, acknowledged } = sink.counts;
    emit({ event, at_ms: Date.now(), sent, acknowledged, failed_queries: failedQueries });
  };
  const failed = (error: unknown): void => {
    failedQueries += 1;
    complain(error);
  };
  const probeOptions = (dataSource: 'powerraw' | 'dutycycle'): ProbeOptions => ({
    ask: ask[dataSource],
    measured: (ms) => emit({ event: 'freshness', at_ms: Date.now(), data_source: dataSource, ms }),
    failed,
    signal,
  });
  emit({ event: 'started', at_ms: Date.now() });
  const timer = setInterval(() => progress('progress'), PROGRESS_MS);
  try {
    const readings = new ReadingProbe(probeOptions('powerraw'));
    await Promise.all([
      readings.run(),
      new WindowProbe(probeOptions('dutycycle')).run(),
      watchGrid(options, failed),
      send(options, readings, failed),
    ]);
    await drain(sink);
  } finally {
    clearInterval(timer);
    await sink.close().catch(() => undefined);
    progress('stopped');
  }
}

/** Reports what the grid draws until aborted; nothing while Druid does not answer. */
async function watchGrid({ figures, emit, signal }: CanaryOptions, failed: (error: unknown) => void): Promise<void> {
  while (figures && !signal.aborted) {
    const asked = Date.now();
    const found = await figures.ask().catch(failed);
    if (found) {
      emit({ event: 'grid', at_ms: asked, ...found });
    }
    await pauseUntil(asked + figures.everyMs, signal);
  }
}

/** Sends on whole seconds, and only what the brokers take. */
async function send(options: CanaryOptions, probe: ReadingProbe, failed: (error: unknown) => void): Promise<void> {
  const { sink, others, heartbeat, intervalMs, maxGapMs, signal } = options;
  const { name } = appliance('canary');
  const canary = sink.appliance({
    houseId: CANARY_HOUSE,
    applianceId: `${CANARY_HOUSE}_1`,
    applianceName: name,
  });
  let last = -Infinity;
  let resumedMs = -Infinity;
  while (!signal.aborted) {
    const next = (Math.floor(Date.now() / intervalMs) + 1) * intervalMs;
    await pauseUntil(next, signal);
    const now = Date.now();
    // A timer may ring a little early, and the clock may be set back.
    if (now < next || next <= last) {
      continue;
    }
    const isResumed = heartbeat !== undefined && heartbeat.resumedMs !== resumedMs;
    resumedMs = heartbeat?.resumedMs ?? resumedMs;
    if (sink.pending > 0) {
      if (isResumed) {
        throw new SinkError('the process was stopped with a reading under way: it is too late by now');
      }
      others?.mayBeBehind();
      continue;
    }
    // Others have moved Spark's watermark while the process was stopped.
    if (isResumed || now - next >= WATERMARK_MS / 2) {
      continue;
    }
    if (others && !(await others.areAtPresent(now).catch(failed))) {
      continue;
    }
    if (Date.now() - next >= WATERMARK_MS / 2) {
      continue;
    }
    sink.write(canary, next, 1, last === -Infinity ? 0 : Math.min(next - last, intervalMs, maxGapMs));
    sink.flush();
    probe.sent(next, now);
    last = next;
  }
}

async function drain(sink: RecordSink): Promise<void> {
  let cancel = (): void => undefined;
  const timeout = new Promise<never>((_, reject) => {
    const error = new SinkError(`the canary's last reading was not acknowledged within ${DRAIN_MS / 1_000} s`);
    cancel = after(DRAIN_MS, () => reject(error));
  });
  try {
    await Promise.race([sink.drain(), timeout]);
  } finally {
    cancel();
  }
}
