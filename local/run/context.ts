import { join } from 'node:path';

import { HOST } from '../../engines/supervision/addresses.ts';
import { Supervisor } from '../../engines/supervision/supervisor.ts';
import type { GridState } from '../../engines/view/grid-state.ts';
import { type GridClock, gridClock } from '../../src/core/clock/grid-clock.ts';
import type { DruidApi } from '../../src/druid/api.ts';
import { LiveSince } from '../live-since.ts';
import type { GridOptions } from '../options.ts';
import { MemoryWatch } from '../report/process-memory.ts';
import { RunFacts } from '../report/run-facts.ts';

/** What the steps of one run share. */
export class RunContext {
  readonly options: GridOptions;
  readonly state: GridState;
  /** When the command was typed, ms since the epoch. */
  readonly startedMs: number;
  readonly clock: GridClock;
  readonly brokers: string;
  readonly druidUrl: string;
  readonly supervisor: Supervisor;
  readonly facts = new RunFacts();
  readonly memory = new MemoryWatch();
  readonly live = new LiveSince();
  /** Undefined until Druid's processes are started. */
  druid: DruidApi | undefined;
  readonly #notes: { end: () => Promise<void> }[] = [];

  constructor(options: GridOptions, state: GridState, startedMs: number) {
    this.options = options;
    this.state = state;
    this.startedMs = startedMs;
    this.clock = gridClock(options.speed);
    this.brokers = `${HOST}:${options.ports.kafka}`;
    this.druidUrl = `http://${HOST}:${options.ports.druidRouter}`;
    this.supervisor = new Supervisor(this.path('logs'), this.path('processes.json'));
    this.supervisor.on('event', ({ process, state: processState, note }) => {
      state.process(process, processState);
      if (note !== undefined) {
        state.note(note);
      }
    });
    this.supervisor.on('note', (note) => state.note(note));
  }

  /** A path below the state folder. */
  path(...parts: string[]): string {
    return join(this.options.state, ...parts);
  }

  /** Keeps a note of the state folder that readings are being made: made before the first reading, ended with the run. */
  keepNote(note: { readonly end: () => Promise<void> }): void {
    this.#notes.push(note);
  }

  /** Ends all notes; may be called again. */
  async endNotes(): Promise<void> {
    await Promise.all(this.#notes.map((note) => note.end()));
  }
}
