/** All that is measured, in the order of the flow: what `npm run bench -- WORD` may name. */
import { druidCase } from './druid/druid-case.ts';
import { endToEndCase } from './end-to-end/end-to-end-case.ts';
import type { BenchCase } from './harness/bench-case.ts';
import { pacedCase } from './paced/paced-case.ts';
import { codecCase } from './replay/codec-case.ts';
import { recordPathCase } from './replay/record-path-case.ts';
import { replayCase } from './replay/replay-case.ts';
import { backlogCase, cityCase, growthCase, liveCase } from './spark/spark-cases.ts';

/** Cases by the word that runs them. */
export const CASES: Readonly<Record<string, readonly BenchCase[]>> = {
  replay: [replayCase],
  paced: [pacedCase],
  'duty-cycle': [liveCase, backlogCase, cityCase, growthCase],
  druid: [druidCase],
  'end-to-end': [endToEndCase],
  'record-path': [recordPathCase],
  codec: [codecCase],
};
