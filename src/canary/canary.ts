/** A house that is nobody's: one reading a second, to see how long readings and duty cycles take to be seen. */
import { appliance } from '../appliances/registry.ts';
import { after } from '../clock/timers.ts';
import { SinkError, type RecordSink } from '../replay/record-sink.ts';
import type { CanaryEvent } from './events.ts';
import type { GridFigures } from './grid-figures.ts';
import { CANARY_HOUSE } from './newest.ts';
import { pauseUntil } from './pause.ts';
import { ReadingProbe, WindowProbe, type AskNewest, type ProbeOptions } from './probes.ts';

/** How long brokers may take to acknowledge the last reading, ms. */
const DRAIN_MS = 30_000;

const PROGRESS_MS = 1_000;

export interface CanaryOptions {
  readonly sink: RecordSink;
  /** How Druid is asked, by data source. */
  readonly ask: { readonly powerraw: AskNewest; readonly dutycycle: AskNewest };
  /** What the grid draws: how often to ask, ms, and how. @default nobody asks */
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
 * @throws SinkError when the brokers can't be reached, refuse, or don't acknowledge the last reading in time.
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
      send(options, readings),
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
    if (found) emit({ event: 'grid', at_ms: asked, ...found });
    await pauseUntil(asked + figures.everyMs, signal);
  }
}

/** Sends on whole seconds, and only what the brokers take. */
async function send({ sink, intervalMs, maxGapMs, signal }: CanaryOptions, probe: ReadingProbe): Promise<void> {
  const { name } = appliance('canary');
  const canary = sink.appliance({
    houseId: CANARY_HOUSE,
    applianceId: `${CANARY_HOUSE}_1`,
    applianceName: name,
  });
  let last = -Infinity;
  let sentAt = 0;
  let stalled = false;
  let silentUntil = 0;
  while (!signal.aborted) {
    const next = (Math.floor(Date.now() / intervalMs) + 1) * intervalMs;
    await pauseUntil(next, signal);
    const now = Date.now();
    // A timer may ring a little early, and the clock may be set back.
    if (now < next || next <= last) continue;
    if (sink.pending > 0) {
      stalled = true;
      continue;
    }
    if (stalled) {
      // After an outage the replay has as much to catch up with. A reading of now among its past ones would move
      // Spark's watermark, which is global, and they would be dropped as late.
      stalled = false;
      silentUntil = now + (now - sentAt);
    }
    if (now < silentUntil) continue;
    sink.write(canary, next, 1, last === -Infinity ? 0 : Math.min(next - last, intervalMs, maxGapMs));
    sink.flush();
    probe.sent(next, now);
    last = next;
    sentAt = now;
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
