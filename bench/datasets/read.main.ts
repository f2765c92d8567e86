/**
 * How fast a data set is read, and in how much memory.
 *
 *   npx tsx bench/datasets/read.main.ts DIR [ROUNDS]     DIR: uncompressed, e.g. of REDD or GREEND; ROUNDS: default 3
 */
import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { lastInstant } from '../../src/datasets/data-set/extent.ts';
import { openDataSet } from '../../src/datasets/open.ts';
import { newRowCounts } from '../../src/datasets/rows/rows.ts';

const [directory, rounds = '3'] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('usage: npx tsx bench/datasets/read.main.ts DIR [ROUNDS]\n');
  process.exit(2);
}

let bytes = 0;
for (const file of await readdir(directory, { recursive: true })) {
  const found = await stat(join(directory, file));
  if (found.isFile()) {
    bytes += found.size;
  }
}

for (let round = 1; round <= Number(rounds); round += 1) {
  const startedAt = performance.now();
  const opened = await openDataSet(directory);
  const openedAt = performance.now();
  for (const house of opened.houses) {
    await house.extent();
  }
  const surveyedAt = performance.now();
  const before = process.cpuUsage();
  const start = performance.now();
  const counts = newRowCounts();
  for (const house of opened.houses) {
    await lastInstant(house.readings({ counts }));
  }
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const figure = (value: number): string => value.toFixed(value < 10 ? 2 : 0);
  process.stdout.write(
    `${opened.name}: ${figure(bytes / 1e6 / seconds)} MB/s, ${figure(counts.readings / 1e6 / seconds)} M readings/s, ` +
      `${figure((user + system) / counts.readings)} CPU-s per million readings, opened in ` +
      `${figure(openedAt - startedAt)} ms, surveyed in ${figure(surveyedAt - openedAt)} ms, peak RSS ${figure(peakRssMb())} MB\n`,
  );
}

/** From proc(5): getrusage(2) counts what the process that started this one had, too. */
function peakRssMb(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1_024;
}
