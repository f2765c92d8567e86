/** Record batches as the direct sink builds them, kept instead of sent. */
import { ApplianceTemplates } from '../../src/kafka/producer/appliance-templates.ts';
import { ReadingTail } from '../../src/kafka/producer/reading-tail.ts';
import { RecordBatch } from '../../src/kafka/producer/record-batch.ts';
import {
  type Appliance,
  type EndOffsets,
  type HouseGroup,
  type RecordSink,
  type SinkCounts,
  writeEach,
} from '../../src/kafka/producer/record-sink.ts';
import { Replay } from '../../src/replay/replay.ts';
import { DATA_SETS_OF_THE_SAMPLE, replayHouses } from '../../src/replay/replay-houses.ts';

/** As in the presets: 80 playbacks into six partitions. */
const PLAYBACKS = 80;
const PARTITIONS = 6;
/** Room for a record of the sample data, bytes: they take about 60. */
const RECORD_ROOM = 160;

/** Keeps batches of each partition's readings, in the order in which they come. */
class BatchSink implements RecordSink {
  readonly counts: SinkCounts = { sent: 0, acknowledged: 0, failed: 0, late: 0 };
  readonly pending = 0;
  readonly oldestPendingMs = Infinity;
  readonly full: Uint8Array[] = [];
  readonly #templates = new ApplianceTemplates();
  readonly #tail = new ReadingTail();
  readonly #houses = new Map<string, number>();
  readonly #partitions: number[] = [];
  readonly #records: number;
  readonly #open: RecordBatch[];

  constructor(records: number) {
    this.#records = records;
    this.#open = Array.from({ length: PARTITIONS }, () => new RecordBatch(new Uint8Array(records * RECORD_ROOM)));
  }

  appliance(appliance: Appliance): number {
    const partition = this.#houses.get(appliance.houseId) ?? this.#houses.size % PARTITIONS;
    this.#houses.set(appliance.houseId, partition);
    this.#partitions.push(partition);
    return this.#templates.add(appliance, partition);
  }

  write(appliance: number, timestamp: number, power: number, intervalMs: number): void {
    const batch = this.#open[this.#partitions[appliance] ?? 0];
    const place = this.#templates.placeOf(appliance);
    this.#tail.setTime(timestamp, intervalMs);
    this.#tail.setPower(power);
    const block = this.#templates.blockOf(place);
    if (!batch?.append(block, this.#templates.offsetOf(place), this.#tail, batch.memory.length)) {
      throw new RangeError(`a record takes more than ${RECORD_ROOM} bytes`);
    }
    this.counts.sent += 1;
    this.counts.acknowledged += 1;
    if (batch.count === this.#records) {
      this.full.push(batch.records.slice());
      batch.clear();
    }
  }

  writeGroup(group: HouseGroup, channel: number, timestamp: number, power: number, intervalMs: number): void {
    writeEach(this, group, channel, timestamp, power, intervalMs);
  }

  open = (): Promise<void> => Promise.resolve();
  flush = (): void => undefined;
  acknowledgement = (): Promise<void> => Promise.resolve();
  drain = (): Promise<void> => Promise.resolve();
  startCountingLateness = (): void => undefined;
  endOffsets = (): Promise<EndOffsets> => Promise.resolve(new Map());
  close = (): Promise<void> => Promise.resolve();
}

/**
 * The records, uncompressed, of batches of the sample data.
 *
 * @param batches how many, about.
 * @param records of each.
 */
export async function sampleBatches(batches: number, records: number): Promise<readonly Uint8Array[]> {
  const sink = new BatchSink(records);
  const { houses, nameOf } = await replayHouses(DATA_SETS_OF_THE_SAMPLE, { warn: () => undefined });
  const replay = new Replay({
    ...{ houses, nameOf, sink, from: 0, to: PLAYBACKS, speed: 24, seed: 'bench', drainMs: 1_000 },
    ...{ backfillMs: 0, skipSpans: [], unpaced: { readings: batches * records }, emit: () => undefined },
  });
  await replay.run();
  return sink.full;
}
