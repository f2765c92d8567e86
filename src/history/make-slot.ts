/** One slot from Druid's powerraw to topic history: asked for, computed and written as it streams by. */
import type { Kafka } from 'kafkajs';

import type { GridClock } from '../core/clock/grid-clock.ts';
import type { History } from '../core/messages/messages.ts';
import type { DruidApi } from '../druid/api.ts';
import { streamSql } from '../druid/sql.ts';
import { assertWhole, offsetsAfter } from './druid-wholeness.ts';
import { type SlotOutcome, type SlotWriterOptions, writeSlot } from './slot-writer.ts';
import { type Span, spansBefore } from './spans.ts';
import { usualPower, usualPowerRow, usualPowerSql } from './usual-power.ts';

export interface SlotJob {
  /** The slot, wall-clock ms since the epoch. */
  readonly slotMs: number;
  readonly clock: GridClock;
  /** How many grid days it looks back. */
  readonly days: number;
  readonly writer: SlotWriterOptions;
  /** How long Druid's query may take, ms. */
  readonly queryTimeoutMs: number;
  /** How long Druid may take to catch up with the topic, ms. */
  readonly patienceMs: number;
  /** Stops it; nothing is written then. */
  readonly signal: AbortSignal;
}

/**
 * Makes a slot, unless the topic holds it already. Checks that Druid's answer is complete before it begins, so that
 * no work is wasted, and again between the last row and the commit.
 *
 * @throws HistoryError or DruidError when Druid is away, half away or empty; then nothing was written.
 */
export async function makeSlot(api: DruidApi, kafka: Kafka, job: SlotJob): Promise<SlotOutcome> {
  const spans = spansBefore(job.slotMs, job.clock, job.days);
  const offsets = await offsetsAfter(kafka, spans);
  const whole = (): Promise<void> => assertWhole(api, spans, offsets, job.patienceMs);
  await whole();
  return writeSlot(kafka, job.writer, job.slotMs, () => messagesOf(api, job, spans), whole);
}

async function* messagesOf(api: DruidApi, job: SlotJob, spans: readonly Span[]): AsyncGenerator<History> {
  const rows = streamSql(api, usualPowerSql(spans), usualPowerRow(spans.length), {
    context: { timeout: job.queryTimeoutMs },
    signal: job.signal,
  });
  for await (const row of rows) {
    const message = usualPower(row, job.slotMs, spans);
    if (message) {
      yield message;
    }
  }
  job.signal.throwIfAborted();
}
