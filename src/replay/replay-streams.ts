/** Which readers a range of playbacks needs, and which playbacks each of them feeds. */
import type { Channel, DataSetName, House, RowCounts } from '../datasets/data-set.ts';
import { HouseStream, type Skips } from './house-stream.ts';
import { applianceId, houseId, powerFactor } from './identity.ts';
import { LoopClock, type Loop } from './loop-clock.ts';
import type { RecordSink } from './record-sink.ts';
import type { Span } from './spans.ts';

/** A house that can be replayed. */
export interface ReplayHouse {
  readonly dataSet: DataSetName;
  readonly house: House;
  readonly loop: Loop;
}

/** One playback of a house: its appliances' numbers by channel index, and its factor. */
interface Member {
  readonly appliances: Int32Array;
  readonly factor: number;
}

/** A stream of a house's readings and the playbacks of the house that it feeds. */
export class ReplayStream {
  readonly stream: HouseStream;
  readonly #members: readonly Member[];
  readonly #visit: (channel: number, timestamp: number, power: number, intervalMs: number) => void;

  constructor(stream: HouseStream, members: readonly Member[], sink: RecordSink) {
    this.stream = stream;
    this.#members = members;
    this.#visit = (channel, timestamp, power, intervalMs) => {
      for (const member of this.#members) {
        sink.write(member.appliances[channel] ?? 0, timestamp, power * member.factor, intervalMs);
      }
    };
  }

  get due(): number {
    return this.stream.due;
  }

  /** How many messages one reading of the stream becomes. */
  get fanOut(): number {
    return this.#members.length;
  }

  /** Sends what falls due before `untilWallMs`, at most about `limit` messages. @returns how many it sent. */
  send(untilWallMs: number, limit: number): number {
    return this.stream.take(untilWallMs, Math.max(1, Math.floor(limit / this.fanOut)), this.#visit) * this.fanOut;
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
  const { sink, seed } = options;
  return options.houses.flatMap(({ dataSet, house, loop }) => {
    const streams: ReplayStream[] = [];
    const playbacksByShift = new Map<number, number[]>();
    for (let playback = options.from; playback < options.to; playback += 1) {
      const shift = playback % loop.days;
      const playbacks = playbacksByShift.get(shift);
      if (playbacks) playbacks.push(playback);
      else playbacksByShift.set(shift, [playback]);
    }
    for (const [shiftDays, playbacks] of playbacksByShift) {
      const clock = new LoopClock({ loop, shiftDays, speed: options.speed, epochMs: options.epochMs });
      const members = playbacks.map((playback) => {
        const id = houseId(dataSet, playback, house.id);
        const appliances = house.channels.map((channel) =>
          sink.appliance({
            houseId: id,
            applianceId: applianceId(id, channel.id),
            applianceName: options.nameOf(channel),
          }),
        );
        return { appliances: Int32Array.from(appliances), factor: powerFactor(seed, id) };
      });
      streams.push(new ReplayStream(new HouseStream({ ...options, house, clock }), members, sink));
    }
    return streams;
  });
}
