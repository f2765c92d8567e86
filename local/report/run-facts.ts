import type { ReplayEvent } from '../../src/replay/events.ts';
import type { AuditEvent } from '../audit/events.ts';
import type { SparkProgress } from '../engines/spark.ts';
import { Freshness } from './freshness.ts';
import type { TopicOffsets } from '../topics.ts';

/** Readings of one producer. */
interface Sent {
  sent: number;
  acknowledged: number;
}

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
  readonly #now = { replay: { sent: 0, acknowledged: 0 }, canary: { sent: 0, acknowledged: 0 } };
  /** Of producers that died: their last words are what is known. */
  readonly #before = { sent: 0, acknowledged: 0 };

  onReplay(event: ReplayEvent): void {
    if (event.event === 'started') this.#startAgain(this.#now.replay);
    if (event.event !== 'progress' && event.event !== 'stopped') return;
    this.onSent('replay', event);
    this.rejected = event.rejected;
  }

  onSent(producer: 'replay' | 'canary', { sent, acknowledged }: Sent): void {
    Object.assign(this.#now[producer], { sent, acknowledged });
  }

  onCanaryStart(): void {
    this.#startAgain(this.#now.canary);
  }

  onSpark(progress: SparkProgress): void {
    this.#late.set(progress.batch_id, progress.late);
    // Null when the job was started again: then the first report, if there was one, is what is known.
    if (typeof progress.lost === 'number') this.#lost.set(progress.batch_id, progress.lost);
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

  get sent(): Sent {
    const { replay, canary } = this.#now;
    return {
      sent: this.#before.sent + replay.sent + canary.sent,
      acknowledged: this.#before.acknowledged + replay.acknowledged + canary.acknowledged,
    };
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

  #startAgain(counts: Sent): void {
    this.#before.sent += counts.sent;
    this.#before.acknowledged += counts.acknowledged;
    Object.assign(counts, { sent: 0, acknowledged: 0 });
  }
}

const sum = (counts: ReadonlyMap<number, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);
