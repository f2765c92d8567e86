import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import getPort from 'get-port';
import { z } from 'zod';

import { airflowPassword, airflowProcesses, airflowUrl } from '../../engines/processes/airflow.ts';
import { pythonStep } from '../../engines/setup/python.ts';
import { makeAll } from '../../engines/setup/set-up.ts';
import { findTools } from '../../engines/setup/tools.ts';
import { Supervisor } from '../../engines/supervision/supervisor.ts';
import { AIRFLOW_USER } from '../../src/airflow/settings.ts';
import { gridClock } from '../../src/core/clock/grid-clock.ts';

/** A real Airflow for a test, on a port and in a folder of its own. */
export interface TestAirflow {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  /** Runs an `airflow` command to its end; its output, both streams. */
  command: (...args: string[]) => Promise<{ exitCode: number | undefined; output: string }>;
  /** Starts its processes; resolves when all are healthy. */
  start: () => Promise<void>;
  /** An answer of its interface to the operator. */
  get: <T>(path: string, shape: z.ZodType<T>) => Promise<T>;
  /** Logs in; the HTTP status. */
  login: (user: string, password: string) => Promise<number>;
  stop: () => Promise<void>;
}

/** Sets Airflow up: its database is migrated, nothing runs yet. */
export async function setUpAirflow(brokers: string, druidUrl: string, speed: number): Promise<TestAirflow> {
  const root = join(import.meta.dirname, '..', '..');
  const lock = join(root, 'ec2-userdata', 'airflow', 'requirements.lock');
  const step = await pythonStep(await findTools(), 'Airflow', 'airflow', lock, 247_000_000);
  await makeAll([[step]], () => undefined, new AbortController().signal);

  const directory = await mkdtemp(join(tmpdir(), 'igrid-airflow-'));
  const logs = join(directory, 'processes');
  await mkdir(logs);
  const port = await getPort();
  const url = airflowUrl(port);
  const clock = gridClock(speed);
  const processes = await airflowProcesses({ environment: step.folder, directory, port, brokers, druidUrl, clock });
  await processes[0]?.prepare?.();
  const supervisor = new Supervisor(logs, join(directory, 'processes.json'));

  const token = (user: string, password: string): Promise<Response> =>
    fetch(`${url}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: user, password }),
    });
  return {
    url,
    port,
    directory,
    command: async (...args) => {
      const env = { ...processes[0]?.env };
      const { exitCode, all } = await execa(join(step.folder, 'bin', 'airflow'), args, {
        env,
        all: true,
        reject: false,
      });
      return { exitCode, output: all };
    },
    start: () => supervisor.start(processes),
    get: async (path, shape) => {
      const answer = await (await token(AIRFLOW_USER, await airflowPassword(directory))).json();
      const bearer = z.object({ access_token: z.string() }).parse(answer).access_token;
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
      return shape.parse(await response.json());
    },
    login: async (user, password) => (await token(user, password)).status,
    stop: async () => {
      await supervisor.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
