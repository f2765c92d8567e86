import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exists } from '../engines/disk/exists.ts';
import { airflowPassword, airflowPasswordsFile, airflowProcesses, airflowUrl } from '../engines/processes/airflow.ts';
import { dashboardUrl, passwordFile, supersetProcesses } from '../engines/processes/superset.ts';
import { setUpOptional } from '../engines/setup/set-up.ts';
import type { Tools } from '../engines/setup/tools.ts';
import type { Supervisor } from '../engines/supervision/supervisor.ts';
import type { GridState } from '../engines/view/grid-state.ts';
import { AIRFLOW_USER } from '../src/airflow/settings.ts';
import type { GridClock } from '../src/core/clock/grid-clock.ts';
import { SUPERSET_USER } from '../src/superset/settings.ts';
import { type GridOptions, OPTIONAL_PARTS, type OptionalPart } from './options.ts';

/** What the slow half works on. */
export interface SlowHalfConfig {
  readonly options: GridOptions;
  readonly tools: Tools;
  readonly clock: GridClock;
  readonly brokers: string;
  readonly druidUrl: string;
}

/** The processes of each part, in the order in which they stop: the scheduler lets the slot end that is being made. */
export const PROCESSES_OF: Readonly<Record<OptionalPart, readonly string[]>> = {
  airflow: ['airflow-scheduler', 'airflow-dag-processor', 'airflow-api-server'],
  superset: ['superset'],
};

/**
 * History and the dashboard: Airflow and Superset, set up and started beside the live stream and never before it. What
 * keeps one of them from starting is said, and does not end the other nor the stream.
 */
export class SlowHalf {
  readonly #config: SlowHalfConfig;
  readonly #supervisor: Supervisor;
  readonly #state: GridState;
  readonly #stop = new AbortController();
  readonly #parts: Promise<void>[] = [];
  /** Why a part could not be started, a sentence each. */
  readonly failures: string[] = [];

  constructor(config: SlowHalfConfig, supervisor: Supervisor, state: GridState) {
    this.#config = config;
    this.#supervisor = supervisor;
    this.#state = state;
  }

  /** Begins to start what the user has not left out; returns at once. */
  start(): void {
    const wanted = OPTIONAL_PARTS.filter((part) => !this.#config.options.without.has(part));
    // One after the other: two cores are busy with the stream.
    let before = Promise.resolve();
    for (const part of wanted) {
      before = before.then(() => this.#startPart(part));
      this.#parts.push(before);
    }
  }

  /** Stops what was started, so that no slot is under way when counts are taken. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const { airflow, superset } = PROCESSES_OF;
    for (const name of [...airflow, ...superset]) {
      await this.#supervisor.stopOne(name);
    }
    await Promise.all(this.#parts);
  }

  async #startPart(part: OptionalPart): Promise<void> {
    if (this.#isStopping()) {
      return;
    }
    try {
      const { tools } = this.#config;
      const environment = await setUpOptional(
        part,
        tools,
        (steps) => this.#state.update({ setUp: steps }),
        this.#stop.signal,
      );
      if (this.#isStopping()) {
        return;
      }
      await (part === 'airflow' ? this.#startAirflow(environment) : this.#startSuperset(environment));
    } catch (error) {
      if (this.#isStopping()) {
        return;
      }
      const failure = `${part} could not be started: ${error instanceof Error ? error.message : String(error)}`;
      this.failures.push(failure);
      this.#state.note(failure);
    }
  }

  async #startAirflow(environment: string): Promise<void> {
    const { options, clock, brokers, druidUrl } = this.#config;
    const directory = join(options.state, 'airflow');
    const port = options.ports.airflow;
    const isNew = !(await exists(airflowPasswordsFile(directory)));
    await this.#supervisor.start(
      await airflowProcesses({ environment, directory, port, brokers, druidUrl, clock, after: ['kafka'] }),
    );
    this.#state.address(
      'Airflow',
      `${airflowUrl(port)} (user ${AIRFLOW_USER}, password in ${airflowPasswordsFile(directory)})`,
    );
    if (isNew) {
      this.#tellOnce('Airflow', AIRFLOW_USER, await airflowPassword(directory));
    }
  }

  async #startSuperset(environment: string): Promise<void> {
    const { options, clock } = this.#config;
    const directory = join(options.state, 'superset');
    const port = options.ports.superset;
    const isNew = !(await exists(passwordFile(directory)));
    await this.#supervisor.start(
      supersetProcesses({
        environment,
        directory,
        port,
        druidPort: options.ports.druidRouter,
        clock,
      }),
    );
    this.#state.address(
      'Dashboard',
      `${dashboardUrl(port)} (user ${SUPERSET_USER}, password in ${passwordFile(directory)})`,
    );
    if (isNew) {
      this.#tellOnce('the dashboard', SUPERSET_USER, (await readFile(passwordFile(directory), 'utf8')).trim());
    }
  }

  /** A password that was made just now; from then on only its file has it. */
  #tellOnce(where: string, user: string, password: string): void {
    this.#state.note(`The password of ${user} for ${where} is ${password}`);
  }

  #isStopping(): boolean {
    return this.#stop.signal.aborted;
  }
}
