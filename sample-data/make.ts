/**
 * Makes the sample data: one local day of REDD and of GREEND, midnight to midnight of each one's own zone, so that a loop
 * over it has no hole. Rows are copied as they are.
 *
 *   npx tsx sample-data/make.ts DIR     with DIR/redd/low_freq and DIR/greend as sample-data/README.md describes them
 *
 * The day: of the days that both have, the one on which every plug was observed for over nine tenths of it and dishwasher,
 * microwave and kettle ran.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { midnightOf } from '../src/datasets/data-set/loop.ts';
import { GREEND_TIME_ZONE } from '../src/datasets/greend/greend.ts';
import { REDD_TIME_ZONE } from '../src/datasets/redd/redd.ts';

const DAY = '2012-01-18';
const NOON_MS = Date.parse(`${DAY}T12:00:00Z`);

/** Lines of a file that are no rows or whose instant (the number they begin with, s) lies in the day. */
async function copyDay(from: string, to: string, timeZone: string): Promise<void> {
  const startMs = midnightOf(NOON_MS, timeZone, 0);
  const endMs = midnightOf(NOON_MS, timeZone, 1);
  const lines = (await readFile(from, 'latin1')).split('\n').slice(0, -1);
  const kept = lines.filter((line) => {
    const ms = Number.parseFloat(line) * 1_000;
    return Number.isNaN(ms) || (ms >= startMs && ms < endMs);
  });
  // zlib writes no time and no name into the header, so the same rows give the same file.
  await writeFile(`${to}.gz`, gzipSync(kept.map((line) => `${line}\n`).join(''), { level: 9 }));
}

async function makeRedd(from: string, to: string): Promise<void> {
  for (const house of (await readdir(from)).filter((name) => name.startsWith('house_'))) {
    await mkdir(join(to, house), { recursive: true });
    await cp(join(from, house, 'labels.dat'), join(to, house, 'labels.dat'));
    for (const file of (await readdir(join(from, house))).filter((name) => name.startsWith('channel_'))) {
      await copyDay(join(from, house, file), join(to, house, file), REDD_TIME_ZONE);
    }
  }
}

async function makeGreend(from: string, to: string): Promise<void> {
  for (const building of (await readdir(from)).filter((name) => name.startsWith('building'))) {
    await mkdir(join(to, building), { recursive: true });
    const file = join(building, `dataset_${DAY}.csv`);
    await copyDay(join(from, file), join(to, file), GREEND_TIME_ZONE);
  }
  await cp(join(from, 'labels.json'), join(to, 'labels.json'));
}

const [source] = process.argv.slice(2);
if (source === undefined) {
  process.stderr.write('usage: npx tsx sample-data/make.ts DIR\n');
  process.exit(2);
}
const here = import.meta.dirname;
for (const dataSet of ['redd', 'greend']) {await rm(join(here, dataSet), { recursive: true, force: true });}
await makeRedd(join(source, 'redd', 'low_freq'), join(here, 'redd', 'low_freq'));
await makeGreend(join(source, 'greend'), join(here, 'greend'));
