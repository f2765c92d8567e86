/**
 * The replay with a sink that only counts: what reading, pacing and scaling cost by themselves. A diagnostic; what counts
 * is measured against a broker. Takes the replay's own arguments.
 */
import { runProgram } from '../../src/command-line/run-program.ts';
import { parseCommandLine, type ReplaySettings } from '../../src/replay/command-line.ts';
import { Replay } from '../../src/replay/replay.ts';
import { DATA_SETS_OF_THE_SAMPLE, replayHouses } from '../../src/replay/replay-houses.ts';
import { CountingSink } from './counting-sink.ts';

async function main(settings: ReplaySettings): Promise<void> {
  const { houses, nameOf } = await replayHouses(DATA_SETS_OF_THE_SAMPLE);
  const replay = new Replay({
    ...settings,
    houses,
    nameOf,
    backfillMs: settings.backfill,
    skipSpans: settings.backfillSkip,
    forMs: settings.for,
    unpaced: settings.unpaced ? { readings: settings.readings } : undefined,
    drainMs: settings.drainTimeout,
    sink: new CountingSink(),
    emit: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
  });
  await replay.run();
}

await runProgram('without-broker', parseCommandLine, main);
