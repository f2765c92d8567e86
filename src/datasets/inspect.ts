/** What is in a data set, before it is replayed. */
import { appliance, type Appliance } from '../appliances/registry.ts';
import { FiguresOfChannels, type ChannelFigures } from './channel-figures.ts';
import type { DataSet, DataSetName, House, RowCounts } from './data-set.ts';
import { addRowCounts, newRowCounts } from './rows.ts';

export interface InspectedChannel extends ChannelFigures {
  readonly channel: string;
  /** The data set's label. */
  readonly label: string;
  readonly appliance: Appliance;
}

export interface InspectedHouse {
  readonly house: string;
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
    const ofHouse = newRowCounts();
    for await (const batch of house.readings({ counts: ofHouse })) figures.add(batch);
    addRowCounts(counts, ofHouse);
    houses.push({
      house: house.id,
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
    rejected: Object.fromEntries([...counts.rejected].sort(([a], [b]) => (a < b ? -1 : 1))),
    houses: houses.map(({ house, channels }) => ({
      house,
      channels: channels.map(({ channel, appliance: { name, type, role }, ...figures }) => ({
        channel,
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
