import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { execa } from 'execa';

import { DruidApi } from '../../src/druid/api.ts';
import { renderDruid, renderZookeeper } from '../../src/druid/configuration.ts';
import { DRUID_SERVICES, type DruidService, type DruidSettings } from '../../src/druid/settings.ts';
import { mayHaveStaleTasks, replaceStaleTasks, type StaleTaskOptions } from '../../src/druid/stale-tasks.ts';
import { discardUnsettledRows } from '../../src/druid/unsettled-rows.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { exists } from '../disk/exists.ts';
import { HOST } from '../supervision/addresses.ts';
import type { EngineProcess } from '../supervision/engine.ts';

/** What Druid on one machine is made from. */
export interface DruidConfig {
  /** Path of `java`, version 17. */
  readonly java: string;
  /** Folder with the jars of Druid and its Kafka ingestion. */
  readonly jars: string;
  /** Path of our Avro extension's jar. */
  readonly avroExtension: string;
  /** Folder for configuration, metadata, segments and tasks; survives restarts. */
  readonly directory: string;
  readonly ports: Readonly<Record<DruidService | 'zookeeper' | 'metadata', number>>;
  /** Java heap of the process that ingests, MB. Default: 320. */
  readonly indexerHeapMb?: number;
  /** Java's compilers: the quick one alone starts soonest, the optimising one is faster after minutes. Default: quick. */
  readonly compiler?: 'quick' | 'optimising';
  /** Default: those of src/druid/stale-tasks.ts. */
  readonly staleTasks?: StaleTaskOptions;
}

/** Druid's processes and their ZooKeeper: what one host of the stack runs, with small heaps. */
export function druidProcesses(config: DruidConfig): EngineProcess[] {
  const settings = localSettings(config);
  return [zookeeper(config), ...DRUID_SERVICES.map((service) => druidProcess(config, settings, service))];
}

/** The settings of Druid on one machine. Heaps are as small as the default set's load allows. */
export function localSettings(config: DruidConfig): DruidSettings {
  return {
    metadata: { kind: 'derby', port: config.ports.metadata, directory: join(config.directory, 'metadata') },
    storage: { kind: 'local', directory: config.directory },
    login: 'none',
    host: HOST,
    ports: config.ports,
    zookeeper: `${HOST}:${config.ports.zookeeper}`,
    directory: config.directory,
    collector: 'SerialGC',
    sizes: {
      'coordinator-overlord': { heapMb: 256, httpThreads: 12 },
      broker: { heapMb: 256, bufferMb: 16, httpThreads: 16 },
      historical: { heapMb: 160, bufferMb: 16, httpThreads: 12 },
      indexer: { heapMb: config.indexerHeapMb ?? 320, bufferMb: 16, processingThreads: 2, httpThreads: 16 },
      router: { heapMb: 96, httpThreads: 12 },
    },
    workers: 6,
    cacheGb: 20,
    queryCacheMb: 16,
    connections: 10,
  };
}

/** Whether Druid has begun to keep data in a folder, offsets of Kafka's topics among them. @param directory as in {@link DruidConfig}. */
export const hasDruidData = (directory: string): Promise<boolean> => exists(join(directory, 'metadata'));

function zookeeper(config: DruidConfig): EngineProcess {
  const directory = join(config.directory, 'zookeeper');
  const file = join(directory, 'zoo.cfg');
  const args = join(directory, 'java.args');
  const port = config.ports.zookeeper;
  return {
    name: 'zookeeper',
    command: config.java,
    args: [`@${args}`, 'org.apache.zookeeper.server.ZooKeeperServerMain', file],
    cwd: directory,
    ports: [port],
    prepare: async () => {
      await mkdir(directory, { recursive: true });
      await writeFile(file, await renderZookeeper({ host: HOST, port, directory: join(directory, 'data') }));
      await writeFile(args, ['-Xmx64m', '-XX:+UseSerialGC', '-cp', await classPath(config), ''].join('\n'));
    },
    isHealthy: async () => (await say(port, 'ruok')) === 'imok',
  };
}

function druidProcess(config: DruidConfig, settings: DruidSettings, service: DruidService): EngineProcess {
  const directory = join(config.directory, service);
  const args = join(directory, 'java.args');
  const port = config.ports[service];
  return {
    name: `druid-${service}`,
    command: config.java,
    args: [`@${args}`, 'org.apache.druid.cli.Main', 'server', COMMAND[service]],
    cwd: directory,
    after: ['zookeeper'],
    ports: service === 'coordinator-overlord' ? [port, config.ports.metadata] : [port],
    prepare: async () => {
      const files = (await renderDruid(settings))[service];
      for (const folder of ['tmp', 'processing', join(service, 'lookups')]) {
        await mkdir(join(config.directory, folder), { recursive: true });
      }
      await writeFile(join(directory, 'runtime.properties'), files.runtimeProperties);
      const compiler = config.compiler === 'optimising' ? [] : [COMPILER];
      const options = [...compiler, '-cp', await classPath(config)];
      await writeFile(args, `${files.jvmConfig}${options.join('\n')}\n`);
      if (service === 'indexer') {
        await execa(WAIT_FOR_DEREGISTRATION, [String(config.ports.zookeeper), String(port)], { timeout: 60_000 });
        await withoutStaleTasks(config);
        await discardUnsettledRows(tasksOf(config));
      }
    },
    isHealthy: async () => {
      const response = await fetch(`http://${HOST}:${port}${READINESS[service]}`, {
        signal: AbortSignal.timeout(2_000),
      });
      await response.arrayBuffer();
      return response.ok;
    },
    // The Indexer hands its tasks' state to the disk.
    stopTimeoutMs: 40_000,
  };
}

/**
 * The quick compiler alone: half of the CPU time of Druid's start goes into the optimising one (measured: 70 CPU-s with
 * it, 28 without), which what one machine ingests never earns back.
 */
const COMPILER = '-XX:TieredStopAtLevel=1';

/** Waits until a killed predecessor is forgotten, as on a host of the stack. */
const WAIT_FOR_DEREGISTRATION = repositoryPath('ec2-userdata/druid/wait-for-deregistration.sh');

/** Names of Druid's own commands. */
const COMMAND: Readonly<Record<DruidService, string>> = {
  'coordinator-overlord': 'coordinator',
  broker: 'broker',
  historical: 'historical',
  indexer: 'indexer',
  router: 'router',
};

/** Broker and Historical can listen long before they can answer queries. */
const READINESS: Readonly<Record<DruidService, string>> = {
  'coordinator-overlord': '/status/health',
  broker: '/druid/broker/v1/readiness',
  historical: '/druid/historical/v1/readiness',
  indexer: '/status/health',
  router: '/status/health',
};

const tasksOf = ({ directory }: Pick<DruidConfig, 'directory'>): string => join(directory, 'tasks');

/** As on a host of the stack, see src/hosts/druid: after an outage, readings of the present must not be thrown away. */
async function withoutStaleTasks({ directory, ports, staleTasks }: DruidConfig): Promise<void> {
  const tasks = tasksOf({ directory });
  // A first start has none.
  if (!(await exists(tasks)) || !(await mayHaveStaleTasks(tasks, Date.now(), staleTasks))) {
    return;
  }
  const overlord = new DruidApi({ url: `http://${HOST}:${ports['coordinator-overlord']}`, timeoutMs: 10_000 });
  await replaceStaleTasks(overlord, tasks, staleTasks);
}

/** Jar by jar, in a fixed order. */
async function classPath(config: DruidConfig): Promise<string> {
  const jars = (await readdir(config.jars)).filter((file) => file.endsWith('.jar')).sort();
  return `"${[config.avroExtension, ...jars.map((jar) => join(config.jars, jar))].join(':')}"`;
}

/** ZooKeeper's four-letter commands. Resolves with the whole answer. */
function say(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: HOST, port, timeout: 1_000 });
    let answer = '';
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.end(command));
    socket.on('data', (text: string) => (answer += text));
    socket.once('end', () => resolve(answer));
    socket.once('timeout', () => socket.destroy(new Error(`ZooKeeper on port ${port} does not answer`)));
    socket.once('error', reject);
  });
}
