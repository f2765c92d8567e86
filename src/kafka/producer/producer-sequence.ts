/** A producer's name and the sequence numbers that it gives its batches in one partition. */
import type { PartitionLeaders } from './broker-connections.ts';
import type { ProducerIdentity } from './record-batch.ts';
import type { Shipment } from './shipment.ts';

/** The last epoch of a producer id. */
const MAX_EPOCH = 2 ** 15 - 1;

/** Sequence numbers are 32 bits without the sign, and go on at 0. */
const SEQUENCES = 2 ** 31;

export class ProducerSequence {
  /** Whether the broker has taken a batch of this producer in its present epoch. */
  introduced = false;
  readonly #leaders: PartitionLeaders;
  #identity: ProducerIdentity | undefined;
  #next: number;

  /** @param first sequence number of the first record. */
  constructor(leaders: PartitionLeaders, first: number) {
    this.#leaders = leaders;
    this.#next = first;
  }

  /** Whether it has a name. */
  get begun(): boolean {
    return this.#identity !== undefined;
  }

  /** Gets a name, unless it has one. @throws Error when no broker gives one: try again. */
  async begin(): Promise<void> {
    this.#identity ??= await this.#leaders.newProducer();
  }

  /** Gives a batch the next numbers. */
  number(shipment: Shipment): void {
    this.#next = this.#numberFrom(this.#next, [shipment]);
  }

  /** Gives batches the numbers that one in their place had. */
  numberInPlaceOf(old: Shipment, shipments: readonly Shipment[]): void {
    this.#numberFrom(old.sequence, shipments);
  }

  /**
   * Gives batches new numbers from 0 on, under the next epoch: whatever may still be on its way under the old one is
   * refused from then on (KIP-360). None of them may be in the partition.
   *
   * @param replaced whether another id is needed, not just an epoch.
   * @throws Error when no broker gives one: try again.
   */
  async renew(shipments: readonly Shipment[], replaced: boolean): Promise<void> {
    const identity = this.#identity;
    this.#identity =
      !identity || replaced || identity.epoch >= MAX_EPOCH
        ? await this.#leaders.newProducer()
        : { id: identity.id, epoch: identity.epoch + 1 };
    this.introduced = false;
    this.#next = this.#numberFrom(0, shipments);
  }

  /** @returns the number after the last. */
  #numberFrom(first: number, shipments: readonly Shipment[]): number {
    const identity = this.#identity;
    if (!identity) {
      throw new Error('a producer without a name numbers nothing');
    }
    let next = first;
    for (const shipment of shipments) {
      shipment.number(identity, next);
      next = (next + shipment.batch.count) % SEQUENCES;
    }
    return next;
  }
}
