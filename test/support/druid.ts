import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import getPort from 'get-port';

import { type DruidConfig, druidProcesses } from '../../engines/processes/druid.ts';
import { setUp } from '../../engines/setup/set-up.ts';
import { HOST } from '../../engines/supervision/addresses.ts';
import { Supervisor } from '../../engines/supervision/supervisor.ts';
import { DruidApi } from '../../src/druid/api.ts';
import type { DruidService } from '../../src/druid/settings.ts';

/** A real Druid for a test, on ports and in a folder of its own. */
export interface TestDruid {
  readonly api: DruidApi;
  /** The Router's address. */
  readonly url: string;
  /** The Indexer's folder of tasks. */
  readonly tasks: string;
  /** How often a process was started. */
  starts: (service: DruidService) => number;
  /** Kills a process with SIGKILL; the supervisor brings it back. */
  kill: (service: DruidService) => void;
  /** Stops every process and starts them again on the same folder. */
  restart: () => Promise<void>;
  /** Stops every process and keeps what they know; {@link startAll} continues from there. */
  stopAll: () => Promise<void>;
  startAll: () => Promise<void>;
  /** Ends it and removes its folder. */
  stop: () => Promise<void>;
}

/** Starts Druid and its ZooKeeper; resolves when SQL is answered. */
export async function startDruid(more: Pick<DruidConfig, 'staleTasks'> = {}): Promise<TestDruid> {
  const { tools, druidJars, avroExtension } = await setUp(() => undefined);
  const directory = await mkdtemp(join(tmpdir(), 'igrid-druid-'));
  const logs = join(directory, 'logs');
  await mkdir(logs);
  const port = (): Promise<number> => getPort();
  const ports = {
    zookeeper: await port(),
    metadata: await port(),
    'coordinator-overlord': await port(),
    broker: await port(),
    historical: await port(),
    indexer: await port(),
    router: await port(),
  };
  const processes = druidProcesses({ java: tools.java, jars: druidJars, avroExtension, directory, ports, ...more });
  const url = `http://${HOST}:${ports.router}`;
  const api = new DruidApi({ url });
  let supervisor: Supervisor;
  const start = async (): Promise<void> => {
    supervisor = new Supervisor(logs, join(directory, 'processes.json'));
    await supervisor.start(processes);
    await api.waitUntilReady(60_000);
  };
  await start();
  return {
    api,
    url,
    tasks: join(directory, 'tasks'),
    starts: (service) => supervisor.starts(`druid-${service}`),
    kill: (service) => supervisor.signal(`druid-${service}`, 'SIGKILL'),
    restart: async () => {
      await supervisor.stop();
      await start();
    },
    stopAll: () => supervisor.stop(),
    startAll: start,
    stop: async () => {
      await supervisor.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
