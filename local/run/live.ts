/** Step 4: the live part of a run. */
import { sleep } from '../../src/core/clock/timers.ts';
import { type DruidApi, DruidError } from '../../src/druid/api.ts';
import { druidFigures } from '../figures.ts';
import { whyNotLive } from '../why-not-live.ts';
import type { RunContext } from './context.ts';

/** A run that is not live after this says what it waits for, ms. */
const SAY_WHY_MS = 5 * 60_000;
const FIGURES_EVERY_MS = 1_000;

/**
 * Shows figures until the run is over: `--for` counts from when it is live.
 *
 * @param onLive called once.
 */
export async function stayLive(run: RunContext, druid: DruidApi, stop: AbortSignal, onLive: () => void): Promise<void> {
  const { live, options, state } = run;
  const { forMs = Infinity } = options;
  let over = Infinity;
  while (!stop.aborted && Date.now() < over) {
    const figures = await druidFigures(druid, run.clock).catch((error: unknown) => {
      // No data yet, or an engine is being restarted: the view keeps what it has.
      if (error instanceof DruidError) {
        return undefined;
      }
      throw error;
    });
    if (figures) {
      state.figures(figures);
    }
    if (figures?.power && live.onFigures(Date.now())) {
      over = live.ms + forMs;
      state.update({ phase: 'live', readyS: (live.ms - run.startedMs) / 1_000 });
      onLive();
    }
    const pauseMs = Math.max(0, Math.min(FIGURES_EVERY_MS, over - Date.now()));
    await sleep(pauseMs, stop);
  }
}

/**
 * Says why when the run is not live after a while, and rejects when it is not live in time (`--live-within`); otherwise
 * never settles.
 *
 * @param ended aborted when the run is over.
 */
export function notLiveInTime(run: RunContext, stop: AbortSignal, ended: AbortSignal): Promise<never> {
  const { liveWithinMs = Infinity } = run.options;
  const isWaiting = (): boolean => !ended.aborted && !stop.aborted && run.live.ms === Infinity;
  const why = (): Promise<string> => whyNotLive(run.state.snapshot.processes, run.druid);
  void sleep(SAY_WHY_MS, ended).then(async () => {
    if (isWaiting()) {
      run.state.note(`Not live after ${SAY_WHY_MS / 60_000} minutes: ${await why()}`);
    }
  });
  return new Promise((_, reject) => {
    void sleep(liveWithinMs, ended).then(async () => {
      if (!isWaiting()) {
        return;
      }
      const reason = await why();
      if (isWaiting()) {
        reject(new Error(`not live within ${liveWithinMs / 1_000} s: ${reason}`));
      }
    });
  });
}
