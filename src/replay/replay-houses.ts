/** From directories of data sets to houses that can be replayed. */
import { realpath } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { appliance } from '../core/appliances/registry.ts';
import type { DataSetName } from '../core/data-sets.ts';
import type { Channel, DataSet } from '../datasets/data-set/data-set.ts';
import { DataSetError } from '../datasets/data-set/errors.ts';
import { type HouseLoop, loopOf } from '../datasets/data-set/loop.ts';
import type { OpenOptions } from '../datasets/data-set/open-options.ts';
import { layoutOf, openDataSet } from '../datasets/open.ts';
import type { ReplayHouse } from './replay-streams.ts';

/** One data set of each layout at most: house ids hold its number, so two of one layout would have the same ids. */
export interface NamedDataSets {
  /** A directory laid out as REDD. */
  readonly redd?: string | undefined;
  /** A directory laid out as GREEND. */
  readonly greend?: string | undefined;
  /** IANA zones. @default those of the layouts */
  readonly reddTimezone?: string | undefined;
  readonly greendTimezone?: string | undefined;
}

const folderOf = (name: string): string => fileURLToPath(new URL(`../../sample-data/${name}`, import.meta.url));

/** One real day of each data set, which comes with the project. */
export const DATA_SETS_OF_THE_SAMPLE: NamedDataSets = { redd: folderOf('redd'), greend: folderOf('greend') };

/**
 * Opens the data sets that are named, each under the option of its layout.
 *
 * @throws DataSetError when a directory holds no data set or one of the other layout.
 */
export async function openNamed(named: NamedDataSets, options: OpenOptions = {}): Promise<DataSet[]> {
  const wanted = [
    { name: 'REDD', option: '--redd', directory: named.redd, timeZone: named.reddTimezone },
    { name: 'GREEND', option: '--greend', directory: named.greend, timeZone: named.greendTimezone },
  ] as const;
  await mustDiffer(named);
  const opened: DataSet[] = [];
  for (const { name, option, directory, timeZone } of wanted) {
    if (directory === undefined) {
      continue;
    }
    await mustBeLaidOutAs(name, option, directory);
    opened.push(await openDataSet(directory, { ...options, timeZone }));
  }
  return opened;
}

async function mustDiffer({ redd, greend }: NamedDataSets): Promise<void> {
  if (redd === undefined || greend === undefined) {
    return;
  }
  const [one, other] = await Promise.all([redd, greend].map((path) => realpath(path).catch(() => undefined)));
  if (one !== undefined && one === other) {
    throw new DataSetError(`--redd ${redd} and --greend ${greend} are one directory: name a data set once`);
  }
}

async function mustBeLaidOutAs(name: DataSetName, option: string, directory: string): Promise<void> {
  const { name: found } = await layoutOf(directory);
  if (found === name) {
    return;
  }
  throw new DataSetError(
    `${option} ${directory} is laid out as ${found}, whose houses would have the ids of another data set: ` +
      `name it with --${found.toLowerCase()}`,
  );
}

export interface ReplayHouses {
  readonly houses: ReplayHouse[];
  /** An appliance's name in messages. */
  readonly nameOf: (channel: Channel) => string;
}

/**
 * The houses that have readings, each with its loop.
 *
 * @param options.warn called for each house that is left out, and for each that is silent in a part of its loop.
 *   Default: stderr.
 * @throws DataSetError when a directory holds no data set of its layout, or no house has readings.
 */
export async function replayHouses(named: NamedDataSets, options: OpenOptions = {}): Promise<ReplayHouses> {
  const warn = options.warn ?? ((message) => process.stderr.write(`${message}\n`));
  const houses: ReplayHouse[] = [];
  for (const dataSet of await openNamed(named, { ...options, warn })) {
    const leftOut: string[] = [];
    for (const house of dataSet.houses) {
      const name = `${dataSet.name} (${dataSet.directory})`;
      try {
        const loop = await loopOf(house, dataSet.timeZone);
        for (const message of describeLoop(loop)) {
          warn(`house ${house.id} of ${name} ${message}`);
        }
        houses.push({ dataSet: dataSet.name, house, loop });
      } catch (error) {
        if (!(error instanceof DataSetError)) {
          throw error;
        }
        leftOut.push(`${name}: ${error.message}`);
      }
    }
    if (houses.every(({ dataSet: of }) => of !== dataSet.name)) {
      throw new DataSetError(leftOut.join('; '));
    }
    for (const why of leftOut) {
      warn(`${why}: the house is left out`);
    }
  }
  for (const { dataSet, house } of houses) {
    const { rows, rejected } = house.surveyed;
    if (rejected.size === 0) {
      continue;
    }
    const reasons = [...rejected].map(([reason, count]) => `${reason} ${count}`).join(', ');
    warn(
      `house ${house.id} of ${dataSet}: of ${rows} rows can't be used: ${reasons} (npm run inspect says in which files)`,
    );
  }
  return { houses, nameOf: (channel) => appliance(channel.label, warn).name };
}

/** What a house's loop leaves silent or out, if anything. */
function describeLoop({ days, silentDays, readings, allReadings }: HouseLoop): readonly string[] {
  if (silentDays === 0 && readings === allReadings) {
    return [];
  }
  const share = ((100 * readings) / allReadings).toFixed(2);
  return [
    `is silent on ${silentDays} of the ${days} days that it is replayed in, which hold ${share} % of its readings`,
  ];
}
