/** Step 5: the optional services, Airflow (history) and Superset (the dashboard). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exists } from '../../engines/disk/exists.ts';
import {
  airflowPassword,
  airflowPasswordsFile,
  airflowProcesses,
  airflowUrl,
} from '../../engines/processes/airflow.ts';
import { dashboardUrl, passwordFile, supersetProcesses } from '../../engines/processes/superset.ts';
import { setUpOptional } from '../../engines/setup/set-up.ts';
import type { Tools } from '../../engines/setup/tools.ts';
import { AIRFLOW_USER } from '../../src/airflow/settings.ts';
import { SUPERSET_USER } from '../../src/superset/settings.ts';
import { OPTIONAL_PARTS, type OptionalPart } from '../options.ts';
import type { RunContext } from './context.ts';

/** The processes of each part, in the order in which they stop: the scheduler finishes the slot that is being made. */
export const PROCESSES_OF: Readonly<Record<OptionalPart, readonly string[]>> = {
  airflow: ['airflow-scheduler', 'airflow-dag-processor', 'airflow-api-server'],
  superset: ['superset'],
};

/**
 * Sets the optional services up and starts them beside the live stream, never before it. A service that cannot be started
 * is reported; the other one and the stream continue.
 */
export class OptionalServices {
  readonly #run: RunContext;
  readonly #tools: Tools;
  readonly #stop = new AbortController();
  readonly #parts: Promise<void>[] = [];
  /** Why a part could not be started, a sentence each. */
  readonly failures: string[] = [];

  constructor(run: RunContext, tools: Tools) {
    this.#run = run;
    this.#tools = tools;
  }

  /** Begins to start the services that the user has not left out; returns at once. */
  start(): void {
    const wanted = OPTIONAL_PARTS.filter((part) => !this.#run.options.without.has(part));
    // One after the other: two cores are busy with the stream.
    let before = Promise.resolve();
    for (const part of wanted) {
      before = before.then(() => this.#startPart(part));
      this.#parts.push(before);
    }
  }

  /** Stops what was started, so that no slot is being made when counts are taken. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const { airflow, superset } = PROCESSES_OF;
    for (const name of [...airflow, ...superset]) {
      await this.#run.supervisor.stopOne(name);
    }
    await Promise.all(this.#parts);
  }

  async #startPart(part: OptionalPart): Promise<void> {
    if (this.#isStopping()) {
      return;
    }
    try {
      const environment = await setUpOptional(
        part,
        this.#tools,
        (steps) => this.#run.state.update({ setUp: steps }),
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
      this.#run.state.note(failure);
    }
  }

  async #startAirflow(environment: string): Promise<void> {
    const { options, clock, brokers, druidUrl } = this.#run;
    const directory = join(options.state, 'airflow');
    const port = options.ports.airflow;
    const isNew = !(await exists(airflowPasswordsFile(directory)));
    await this.#run.supervisor.start(
      await airflowProcesses({ environment, directory, port, brokers, druidUrl, clock, after: ['kafka'] }),
    );
    this.#run.state.address(
      'Airflow',
      `${airflowUrl(port)} (user ${AIRFLOW_USER}, password in ${airflowPasswordsFile(directory)})`,
    );
    if (isNew) {
      this.#tellOnce('Airflow', AIRFLOW_USER, await airflowPassword(directory));
    }
  }

  async #startSuperset(environment: string): Promise<void> {
    const { options, clock } = this.#run;
    const directory = join(options.state, 'superset');
    const port = options.ports.superset;
    const isNew = !(await exists(passwordFile(directory)));
    await this.#run.supervisor.start(
      supersetProcesses({
        environment,
        directory,
        port,
        druidPort: options.ports.druidRouter,
        clock,
      }),
    );
    this.#run.state.address(
      'Dashboard',
      `${dashboardUrl(port)} (user ${SUPERSET_USER}, password in ${passwordFile(directory)})`,
    );
    if (isNew) {
      this.#tellOnce('the dashboard', SUPERSET_USER, (await readFile(passwordFile(directory), 'utf8')).trim());
    }
  }

  /** A password that was made just now; from then on only its file has it. */
  #tellOnce(where: string, user: string, password: string): void {
    this.#run.state.note(`The password of ${user} for ${where} is ${password}`);
  }

  #isStopping(): boolean {
    return this.#stop.signal.aborted;
  }
}
