import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import getPort from 'get-port';

import { druidProcesses } from '../../engines/processes/druid.ts';
import { HOST } from '../../engines/supervision/addresses.ts';
import { DruidApi } from '../../src/druid/api.ts';
import type { Bench } from '../harness/bench-case.ts';
import { type Engines, startEngines } from './engines.ts';

export interface BenchDruid {
  readonly api: DruidApi;
  readonly engines: Engines;
  /** Folder of everything that Druid writes. */
  readonly directory: string;
  /** CPU time of the Indexer so far, s. */
  indexerCpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Druid as the grid on one machine has it, but with the optimising compiler and an Indexer with room for its rows. */
export async function startDruid(bench: Bench, indexerHeapMb = 2_048): Promise<BenchDruid> {
  const { tools, druidJars, avroExtension } = bench.homes;
  const directory = join(bench.directory, 'druid');
  await mkdir(directory, { recursive: true });
  const ports = {
    zookeeper: await getPort(),
    metadata: await getPort(),
    'coordinator-overlord': await getPort(),
    broker: await getPort(),
    historical: await getPort(),
    indexer: await getPort(),
    router: await getPort(),
  };
  const processes = druidProcesses({
    java: tools.java,
    jars: druidJars,
    avroExtension,
    directory,
    ports,
    indexerHeapMb,
    compiler: 'optimising',
  });
  const engines = await startEngines(directory, processes);
  const api = new DruidApi({ url: `http://${HOST}:${ports.router}` });
  try {
    await api.waitUntilReady(120_000);
  } catch (error) {
    await engines.stop();
    throw error;
  }
  return {
    api,
    engines,
    directory,
    indexerCpuSeconds: () => engines.cpuSeconds('druid-indexer'),
    stop: () => engines.stop(),
  };
}
