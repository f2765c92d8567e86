/** Step 1: sets the engines up, ends what an earlier run left behind, opens the state folder. */
import { mkdir } from 'node:fs/promises';

import { type EngineHomes, setUp } from '../../engines/setup/set-up.ts';
import { LocalState, mustFitTogether } from '../state.ts';
import type { RunContext } from './context.ts';

export interface Prepared {
  readonly homes: EngineHomes;
  readonly local: LocalState;
}

/**
 * @returns undefined when it was stopped during the set-up.
 * @throws SetupError, FolderError and others whose message is one line for the user.
 */
export async function prepare(run: RunContext, stop: AbortSignal): Promise<Prepared | undefined> {
  const { options, state, supervisor } = run;
  const homes = await setUp((steps) => state.update({ setUp: steps }), stop).catch((error: unknown) => {
    if (!stop.aborted) {
      throw error;
    }
  });
  if (!homes) {
    return undefined;
  }
  const leftovers = await supervisor.endLeftovers();
  if (leftovers.length > 0) {
    state.note(`Ended what an earlier run had left behind: ${leftovers.join(', ')}`);
  }
  if (options.fresh) {
    await LocalState.forget(options.state);
  }
  await mkdir(run.path('logs'), { recursive: true });
  await mustFitTogether(run.path('kafka'), run.path('druid'));
  const local = await LocalState.open(options.state, (sentence) => state.note(sentence));
  return { homes, local };
}
