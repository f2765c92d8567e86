import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import getPort from 'get-port';

import { dashboardUrl, passwordFile, supersetProcesses } from '../../engines/processes/superset.ts';
import { setUpOptional } from '../../engines/setup/set-up.ts';
import { findTools } from '../../engines/setup/tools.ts';
import { Supervisor } from '../../engines/supervision/supervisor.ts';
import type { GridClock } from '../../src/core/clock/grid-clock.ts';
import { until } from '../../src/core/clock/until.ts';

/** A real Superset for a test, on a port and in a folder of its own. */
export interface TestSuperset {
  /** The dashboard's address. */
  readonly url: string;
  readonly directory: string;
  /** The generated password of its user. */
  readonly password: () => Promise<string>;
  /** Kills it with SIGKILL and resolves when it is back and healthy. */
  readonly restart: () => Promise<void>;
  /** Ends it and removes its folder. */
  readonly stop: () => Promise<void>;
}

/** Starts Superset in front of the Druid whose Router has this port; resolves when it serves the dashboard. */
export async function startSuperset(druidPort: number, clock: GridClock): Promise<TestSuperset> {
  const environment = await setUpOptional('superset', await findTools(), () => undefined);
  const folder = await mkdtemp(join(tmpdir(), 'igrid-superset-'));
  const directory = join(folder, 'home');
  await mkdir(join(folder, 'logs'));
  const supervisor = new Supervisor(join(folder, 'logs'), join(folder, 'processes.json'));
  const port = await getPort();
  await supervisor.start(supersetProcesses({ environment, directory, port, druidPort, clock }));
  return {
    url: dashboardUrl(port),
    directory,
    password: async () => (await readFile(passwordFile(directory), 'utf8')).trim(),
    restart: async () => {
      supervisor.signal('superset', 'SIGKILL');
      await until(() => supervisor.state('superset') !== 'healthy', { timeoutMs: 30_000 });
      await until(() => supervisor.state('superset') === 'healthy', { timeoutMs: 300_000 });
    },
    stop: async () => {
      await supervisor.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
