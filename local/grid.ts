import { once } from 'node:events';

import type { Supervisor } from '../engines/supervision/supervisor.ts';
import type { GridState } from '../engines/view/grid-state.ts';
import type { DruidApi } from '../src/druid/api.ts';
import type { GridOptions } from './options.ts';
import type { RunExtent } from './report/druid-counts.ts';
import type { Report } from './report/report.ts';
import { RunContext } from './run/context.ts';
import { notLiveInTime, stayLive } from './run/live.ts';
import { OptionalServices } from './run/optional-services.ts';
import { prepare, type Prepared } from './run/prepare.ts';
import { startQueries } from './run/queries.ts';
import { drain } from './run/shutdown.ts';
import { startKafka, startStream } from './run/stream.ts';

/** Something that happens to the grid while it is live, e.g. a storm (local/storm). */
export interface Disturbance {
  /** Called once, when the grid is live. */
  begin: (supervisor: Supervisor) => void;
  /** Ends it; resolves when the grid has recovered, or never will. */
  end: () => Promise<void>;
}

/** One run of the grid on one machine: starts everything, stays live, stops, and says whether the counts agree. */
export class Grid {
  readonly #run: RunContext;
  readonly #disturbance: Disturbance | undefined;
  readonly #stop = new AbortController();
  readonly #stopNow = new AbortController();

  /**
   * @param startedMs when the command was typed, ms since the epoch: `ready_s` counts from here.
   * @param disturbance Default: nothing happens to it.
   */
  constructor(options: GridOptions, state: GridState, startedMs: number, disturbance?: Disturbance) {
    this.#run = new RunContext(options, state, startedMs);
    this.#disturbance = disturbance;
  }

  /** Ends the live part; the run drains and reconciles then. */
  stop(): void {
    this.#stop.abort();
  }

  /** Ends everything at once, without reconciling. */
  stopNow(): void {
    this.#stopNow.abort();
  }

  /**
   * @returns the report, or undefined when it was stopped before it was live.
   * @throws SetupError, SupervisionError, DruidError and others whose message is one line for the user.
   */
  async run(): Promise<Report | undefined> {
    const run = this.#run;
    run.memory.start();
    const prepared = await prepare(run, this.#stop.signal);
    if (!prepared) {
      return undefined;
    }
    const ended = new AbortController();
    const tooLate = notLiveInTime(run, this.#stop.signal, ended.signal);
    const stoppedNow = aborted(this.#stopNow.signal);
    try {
      const started = await Promise.race([start(run, prepared), aborted(this.#stop.signal), tooLate]);
      if (!started) {
        return undefined;
      }
      const services = new OptionalServices(run, prepared.homes.tools);
      const onLive = (): void => {
        services.start();
        this.#disturbance?.begin(run.supervisor);
      };
      await Promise.race([stayLive(run, started.druid, this.#stop.signal, onLive), tooLate]);
      await Promise.race([this.#disturbance?.end(), stoppedNow]);
      const running = { ...started, services, local: prepared.local, isDisturbed: this.#disturbance !== undefined };
      return await Promise.race([drain(run, running), stoppedNow]);
    } finally {
      ended.abort();
      this.#stop.abort();
      run.state.update({ phase: 'stopping' });
      await run.endNotes();
      await run.supervisor.stop();
    }
  }
}

/** Starts Kafka, then Druid beside the stream. */
async function start(
  run: RunContext,
  prepared: Prepared,
): Promise<{ readonly druid: DruidApi; readonly extent: RunExtent }> {
  run.state.update({ phase: 'starting' });
  const offsets = await startKafka(run, prepared.homes);
  const [druid, extent] = await Promise.all([startQueries(run, prepared.homes), startStream(run, prepared, offsets)]);
  return { druid, extent };
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) {
    await once(signal, 'abort');
  }
  return undefined;
}
