/** What is in a data set, before it is replayed. */
import { type Appliance, appliance } from '../../src/core/appliances/registry.ts';
import type { DataSetName } from '../../src/core/data-sets.ts';
import { type ChannelFigures, FiguresOfChannels } from '../../src/datasets/data-set/channel-figures.ts';
import type { DataSet, House, ReadingBatch, Rejections, RowCounts } from '../../src/datasets/data-set/data-set.ts';
import { DataSetError } from '../../src/datasets/data-set/errors.ts';
import { type HouseLoop, loopOf, spanOf } from '../../src/datasets/data-set/loop.ts';
import { addRowCounts, newRowCounts } from '../../src/datasets/rows/rows.ts';

type Span = ReturnType<typeof spanOf>;

export interface InspectedChannel extends ChannelFigures {
  readonly channel: string;
  /** The data set's label. */
  readonly label: string;
  readonly appliance: Appliance;
}

/** What a replay repeats. */
export interface InspectedLoop {
  /** Local days from the first reading to the last one; 0 without readings. */
  readonly days: number;
  /** How many of the house's readings it holds. */
  readonly readings: number;
  /** How many of its days have no readings, or less than half an hour of them where others are full. */
  readonly silent_days: number;
}

export interface InspectedHouse {
  readonly house: string;
  readonly loop: InspectedLoop;
  /** Of this house; `files` has those with rejected rows. */
  readonly counts: RowCounts;
  readonly channels: readonly InspectedChannel[];
}

export interface Inspection {
  readonly dataSet: DataSetName;
  readonly timeZone: string;
  /** Of all houses. */
  readonly counts: RowCounts;
  readonly houses: readonly InspectedHouse[];
}

/**
 * Reads a data set from end to end.
 *
 * @param onHouse told before each house, whose files may take a minute.
 * @throws DataSetError naming the file that can't be read.
 */
export async function inspect(
  dataSet: DataSet,
  onHouse: (house: House) => void = () => undefined,
): Promise<Inspection> {
  const counts = newRowCounts();
  const houses: InspectedHouse[] = [];
  for (const house of dataSet.houses) {
    onHouse(house);
    const appliances = house.channels.map(({ label }) => appliance(label));
    const figures = new FiguresOfChannels(appliances.map(({ on_threshold_w }) => on_threshold_w));
    const ofHouse: RowCounts = { ...newRowCounts(), files: new Map<string, Rejections>() };
    const loop = await loopIfAny(house, dataSet.timeZone);
    let inLoop = 0;
    for await (const batch of house.readings({ counts: ofHouse })) {
      figures.add(batch);
      if (loop) {
        inLoop += readingsWithin(batch, loop);
      }
    }
    addRowCounts(counts, ofHouse);
    houses.push({
      house: house.id,
      loop: { days: loop?.days ?? 0, readings: inLoop, silent_days: loop?.silentDays ?? 0 },
      counts: ofHouse,
      channels: house.channels.map(({ id, label }, index) => {
        // The registry gives an appliance for every label.
        const known = appliances[index] ?? appliance(label);
        return { channel: id, label, appliance: known, ...figures.of(index) };
      }),
    });
  }
  return { dataSet: dataSet.name, timeZone: dataSet.timeZone, counts, houses };
}

/** The inspection as the plain object that `--json` prints; times in ms since the epoch, ratios from 0 to 1. */
export function toJson({ dataSet, counts, houses }: Inspection): Record<string, unknown> {
  return {
    data_set: dataSet,
    rows: counts.rows,
    readings: counts.readings,
    missing: counts.missing,
    rejected: byReason(counts.rejected),
    houses: houses.map(({ house, loop, counts: ofHouse, channels }) => ({
      house,
      loop,
      rows: ofHouse.rows,
      readings: ofHouse.readings,
      rejected: byReason(ofHouse.rejected),
      rejected_by_file: Object.fromEntries(
        [...(ofHouse.files ?? [])].sort(byName).map(([file, rejected]) => [file, byReason(rejected)]),
      ),
      channels: channels.map(({ channel, label, appliance: { name, type, role }, ...figures }) => ({
        channel,
        label,
        name,
        type,
        role,
        readings: figures.readings,
        first: figures.first,
        last: figures.last,
        mean_w: figures.mean_w,
        duty_cycle: figures.duty_cycle,
        coverage: figures.coverage,
      })),
    })),
  };
}

async function loopIfAny(house: House, timeZone: string): Promise<(HouseLoop & Span) | undefined> {
  try {
    const loop = await loopOf(house, timeZone);
    return { ...loop, ...spanOf(loop) };
  } catch (error) {
    // A house without readings is shown all the same, with what became of its rows.
    if (error instanceof DataSetError) {
      return undefined;
    }
    throw error;
  }
}

function readingsWithin({ timestamp, length }: ReadingBatch, { fromMs, toMs }: Span): number {
  const isWithin = (index: number): boolean => {
    const ms = timestamp[index] ?? NaN;
    return ms >= fromMs && ms < toMs;
  };
  // In order of time: nearly always all of them.
  if (length > 0 && isWithin(0) && isWithin(length - 1)) {
    return length;
  }
  let within = 0;
  for (let index = 0; index < length; index += 1) {
    if (isWithin(index)) {
      within += 1;
    }
  }
  return within;
}

function byReason(rejected: Rejections): Record<string, number> {
  return Object.fromEntries([...rejected].sort(byName));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
