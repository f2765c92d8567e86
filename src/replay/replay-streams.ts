/** Which readers a range of playbacks needs, and which playbacks each of them feeds. */
import type { DataSetName } from '../core/data-sets.ts';
import type { Channel, House, RowCounts } from '../datasets/data-set/data-set.ts';
import type { HouseGroup, RecordSink } from '../kafka/producer/record-sink.ts';
import { Cohort, type Skips } from './cohort.ts';
import { HouseReadings } from './house-readings.ts';
import { applianceId, houseId, powerFactor } from './identity.ts';
import { type Loop, LoopClock } from './loop-clock.ts';
import { offsetOf } from './offset.ts';
import type { Span } from './spans.ts';

/** A house that can be replayed. */
export interface ReplayHouse {
  readonly dataSet: DataSetName;
  readonly house: House;
  readonly loop: Loop;
}

/** One chain of a house's readings and the playbacks that it feeds, by offset. */
export class ReplayStream {
  readonly cohorts: readonly Cohort[];
  readonly #readings: HouseReadings;
  readonly #lastOffsetMs: number;

  /** @param lastOffsetMs the longest that a cohort runs behind the chain, ms. */
  constructor(readings: HouseReadings, cohorts: readonly Cohort[], lastOffsetMs: number) {
    this.cohorts = cohorts;
    this.#readings = readings;
    this.#lastOffsetMs = lastOffsetMs;
  }

  /**
   * Starts all cohorts with their first reading at or after `fromWallMs`.
   *
   * @throws EmptyLoopError when the loop holds no reading; whatever the data set's reader throws.
   */
  async open(fromWallMs: number): Promise<void> {
    const first = await this.#readings.open(fromWallMs - this.#lastOffsetMs);
    for (const cohort of this.cohorts) {
      cohort.begin(first);
    }
    await this.discardBefore(fromWallMs);
  }

  /** Passes over readings before `wallMs` as if they had never been. */
  async discardBefore(wallMs: number): Promise<void> {
    for (const cohort of this.cohorts) {
      await cohort.discardBefore(wallMs);
    }
  }

  /** Closes the files. */
  async close(): Promise<void> {
    await this.#readings.close();
  }
}

export interface ReplayStreamsOptions {
  readonly houses: readonly ReplayHouse[];
  /** Playbacks `from` to `to` - 1. */
  readonly from: number;
  readonly to: number;
  readonly epochMs: number;
  readonly speed: number;
  /** The longest time a reading may stand for, wall-clock ms. */
  readonly maxGapMs: number;
  readonly seed: string;
  readonly skipSpans: readonly Span[];
  /** An appliance's name in messages, of the data set's own label. */
  readonly nameOf: (channel: Channel) => string;
  readonly counts: RowCounts;
  readonly skips: Skips;
  readonly sink: RecordSink;
}

/** One stream per house and distinct shift into its loop, each for all the playbacks that have it. */
export function replayStreams(options: ReplayStreamsOptions): ReplayStream[] {
  const playbacks = Array.from({ length: options.to - options.from }, (_, index) => options.from + index);
  return options.houses.flatMap((house) =>
    [...playbacksBy(playbacks, (playback) => playback % house.loop.days)].map(([shiftDays, shifted]) =>
      replayStream(options, house, shiftDays, shifted),
    ),
  );
}

function replayStream(
  options: ReplayStreamsOptions,
  replayHouse: ReplayHouse,
  shiftDays: number,
  playbacks: Iterable<number>,
): ReplayStream {
  const { epochMs, speed } = options;
  const { house, loop } = replayHouse;
  const byOffset = playbacksBy(playbacks, (playback) => offsetOf(playback, speed));
  const readings = new HouseReadings({
    house,
    clock: new LoopClock({ loop, shiftDays, speed, epochMs }),
    counts: options.counts,
    readers: byOffset.size,
  });
  const names = house.channels.map((channel) => options.nameOf(channel));
  const cohorts = [...byOffset].map(
    ([offsetMs, members]) =>
      new Cohort({
        ...options,
        readings,
        offsetMs,
        channels: house.channels.length,
        group: groupOf(options, replayHouse, names, members),
      }),
  );
  return new ReplayStream(readings, cohorts, Math.max(0, ...byOffset.keys()));
}

/** Makes the playbacks of a house known to the sink. @param names of its channels. */
function groupOf(
  { sink, seed }: ReplayStreamsOptions,
  { dataSet, house }: ReplayHouse,
  names: readonly string[],
  playbacks: readonly number[],
): HouseGroup {
  const first = new Uint32Array(playbacks.length);
  const factor = new Float64Array(playbacks.length);
  for (const [index, playback] of playbacks.entries()) {
    const id = houseId(dataSet, playback, house.id);
    factor[index] = powerFactor(seed, id);
    house.channels.forEach((channel, place) => {
      const number = sink.appliance({
        houseId: id,
        applianceId: applianceId(id, channel.id),
        applianceName: names[place] ?? '',
      });
      if (place === 0) {
        first[index] = number;
      }
    });
  }
  return { first, factor };
}

/** Playbacks in ascending order by what `keyOf` says of them. */
function playbacksBy(playbacks: Iterable<number>, keyOf: (playback: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const playback of playbacks) {
    const key = keyOf(playback);
    const group = groups.get(key);
    if (group) {
      group.push(playback);
    } else {
      groups.set(key, [playback]);
    }
  }
  return groups;
}
