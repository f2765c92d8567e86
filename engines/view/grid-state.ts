import { EventEmitter } from 'node:events';

import type { SetupProgress } from '../setup/set-up.ts';
import type { ProcessState } from '../supervision/supervised-process.ts';

/** The phases of a run, in order. */
export type Phase = 'set-up' | 'starting' | 'live' | 'draining' | 'stopping';

/** Watts now of one thing that has a name. */
export interface NamedPower {
  readonly name: string;
  /** W */
  readonly watts: number;
}

/** Power now of all appliances; mains and subpanels, which hold the same power again, are not counted. */
export interface PowerNow {
  /** W */
  readonly watts: number;
  /** Of that, what could be shed, W: the sum of `sheddable`. */
  readonly sheddableWatts: number;
  /** By class, the class that is missed least first; a class that draws nothing has 0 W. */
  readonly sheddable: readonly NamedPower[];
  readonly dataSets: readonly NamedPower[];
}

/** One appliance's newest duty cycle. */
export interface LatestDutyCycle {
  readonly applianceId: string;
  /** As on the dashboard: what it is, its house, its channel. */
  readonly title: string;
  /** 0 to 1 */
  readonly dutyCycle: number;
  /** Observed share of the window. */
  readonly coverage: number;
  /** W */
  readonly meanPower: number;
}

/** The live figures; a part that isn't known yet is undefined. */
export interface Figures {
  /** Acknowledged by Kafka, per s. */
  readonly readingsPerSecond?: number;
  /** Acknowledged by Kafka in this run, backfill included. */
  readonly readings?: number;
  /** How much later than their time readings are sent at the moment, ms. */
  readonly lateMs?: number;
  readonly power?: PowerNow;
  /** The appliances that draw most. */
  readonly topAppliances?: readonly NamedPower[];
  readonly dutyCycles?: readonly LatestDutyCycle[];
  /** From produce to queryable, the last minute's median and worst, ms. */
  readonly freshnessMs?: { readonly p50: number; readonly max: number };
  /** Records of powerraw that Spark has yet to read. */
  readonly sparkLag?: number;
}

/** All that a view shows. Plain data: views decide how. */
export interface GridSnapshot {
  readonly phase: Phase;
  readonly setUp: readonly SetupProgress[];
  /** By process, in order of their first appearance. */
  readonly processes: ReadonlyMap<string, ProcessState>;
  readonly figures: Figures;
  /** Seconds from the command until the run was live. */
  readonly readyS?: number;
  /** Where to look next, e.g. the dashboard's address. */
  readonly addresses: ReadonlyMap<string, string>;
}

interface Events {
  change: [];
  /** A sentence that the user should see once. */
  note: [string];
}

/** The one place that parts of the grid report to and that views read from. */
export class GridState extends EventEmitter<Events> {
  #snapshot: GridSnapshot = {
    phase: 'set-up',
    setUp: [],
    processes: new Map(),
    figures: {},
    addresses: new Map(),
  };

  get snapshot(): GridSnapshot {
    return this.#snapshot;
  }

  update(change: Partial<GridSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.emit('change');
  }

  figures(change: Partial<Figures>): void {
    this.update({ figures: { ...this.#snapshot.figures, ...change } });
  }

  process(name: string, state: ProcessState): void {
    this.update({ processes: new Map(this.#snapshot.processes).set(name, state) });
  }

  address(title: string, where: string): void {
    this.update({ addresses: new Map(this.#snapshot.addresses).set(title, where) });
  }

  note(sentence: string): void {
    this.emit('note', sentence);
  }
}
