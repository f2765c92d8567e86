import type { AuditEvent } from '../../engines/audit/events.ts';
import type { SparkProgress } from '../../engines/processes/spark.ts';
import type { CanaryEvent } from '../../src/canary/events.ts';
import type { ReplayEvent } from '../../src/replay/events.ts';
import type { TopicOffsets } from '../topics.ts';
import { Freshness } from './freshness.ts';
import { ProducerCounts, type Sent } from './producer-counts.ts';

/** What the parts of one run have said of themselves. */
export class RunFacts {
  readonly freshness = { powerraw: new Freshness(), dutycycle: new Freshness() };
  /** The newest word of the auditor. */
  audit: AuditEvent | undefined;
  /** Offsets of powerraw up to which the streaming job has read, by partition. */
  sparkPosition: Readonly<Record<string, number>> = {};
  rejected: Readonly<Record<string, number>> = {};
  /** By batch: a job that is killed between two of its lines reports on a batch again. */
  readonly #late = new Map<number, number>();
  readonly #lost = new Map<number, number>();
  readonly #producers = { replay: new ProducerCounts(), canary: new ProducerCounts() };

  onReplay(event: ReplayEvent): void {
    if (event.event === 'progress' || event.event === 'stopped') {
      this.rejected = event.rejected;
    }
    this.#onProducer(this.#producers.replay, event);
  }

  onCanary(event: CanaryEvent): void {
    this.#onProducer(this.#producers.canary, event);
  }

  onSpark(progress: SparkProgress): void {
    this.#late.set(progress.batch_id, progress.late);
    // Null when the job was started again: then the first report, if there was one, is what is known.
    if (typeof progress.lost === 'number') {
      this.#lost.set(progress.batch_id, progress.lost);
    }
    this.sparkPosition = progress.end_offsets;
  }

  /** Readings too late for one of their windows, as the streaming job counts them. */
  get late(): number {
    return sum(this.#late);
  }

  /** Messages that were gone before the streaming job read them, by its own count. */
  get lost(): number {
    return sum(this.#lost);
  }

  /** What producers have reported so far; the last second of one that was killed is missing. */
  get sent(): Sent {
    const { replay, canary } = this.#producers;
    return added(replay.lastWords, canary.lastWords);
  }

  /** What was sent, once producers have stopped, see {@link ProducerCounts}. @param inTopic by producer. */
  sentAgainst(inTopic: { readonly replay: number; readonly canary: number }): Sent {
    const { replay, canary } = this.#producers;
    return added(replay.against(inTopic.replay), canary.against(inTopic.canary));
  }

  /** Whether the streaming job and the auditor have read all that the topics hold. */
  isReadTo(ends: TopicOffsets): boolean {
    const reaches = (position: Readonly<Record<string, number>> | undefined, topic: string): boolean =>
      Object.entries(ends[topic] ?? {}).every(([partition, end]) => (position?.[partition] ?? 0) >= end);
    return (
      reaches(this.sparkPosition, 'powerraw') &&
      Object.keys(ends).every((topic) => reaches(this.audit?.positions[topic], topic))
    );
  }

  #onProducer(producer: ProducerCounts, event: ReplayEvent | CanaryEvent): void {
    if (event.event === 'started') {
      producer.started();
    }
    if (event.event === 'progress' || event.event === 'stopped') {
      producer.said(event, event.event === 'stopped');
    }
  }
}

const added = (left: Sent, right: Sent): Sent => ({
  sent: left.sent + right.sent,
  acknowledged: left.acknowledged + right.acknowledged,
});

const sum = (counts: ReadonlyMap<number, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);
