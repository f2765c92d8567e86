/** From directories of data sets to houses that can be replayed. */
import { fileURLToPath } from 'node:url';

import { appliance } from '../appliances/registry.ts';
import type { Channel } from '../datasets/data-set.ts';
import { loopOf } from '../datasets/loop.ts';
import { openDataSet } from '../datasets/open.ts';
import type { ReplayHouse } from './replay-streams.ts';

/** One real day of each data set, which comes with the project. */
export const DATA_SETS_OF_THE_SAMPLE: readonly string[] = ['redd', 'greend'].map((name) =>
  fileURLToPath(new URL(`../../sample-data/${name}`, import.meta.url)),
);

/** @throws DataSetError when a directory holds no data set. */
export async function replayHouses(
  directories: readonly string[],
): Promise<{ houses: ReplayHouse[]; nameOf: (channel: Channel) => string }> {
  const houses: ReplayHouse[] = [];
  for (const directory of directories) {
    const dataSet = await openDataSet(directory);
    for (const house of dataSet.houses) {
      houses.push({ dataSet: dataSet.name, house, loop: await loopOf(house, dataSet.timeZone) });
    }
  }
  return { houses, nameOf: (channel) => appliance(channel.label).name };
}
