import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { execa } from 'execa';

import { javaProperty } from '../../src/core/templates/template.ts';
import { exists } from '../disk/exists.ts';
import { HOST } from '../supervision/addresses.ts';
import type { EngineProcess } from '../supervision/engine.ts';
import { isListening } from '../supervision/listening.ts';
import { unicodeLocale } from '../supervision/locale.ts';

/** What the broker of the grid on one machine is made from. */
export interface KafkaConfig {
  /** Path of `java`. */
  readonly java: string;
  /** Folder with the broker's jars. */
  readonly jars: string;
  /** Folder for its configuration and log segments; survives restarts. */
  readonly directory: string;
  readonly port: number;
  readonly controllerPort: number;
  /** Java heap. Default: 512 MB, of which 680 MB resident were measured under load. */
  readonly heapMb?: number;
  /** Java's compilers: the quick one alone starts soonest, the optimising one is faster after minutes. Default: quick. */
  readonly compiler?: 'quick' | 'optimising';
  /** Server properties that differ from those of a single node, by their names. Default: none. */
  readonly settings?: ServerProperties;
}

type ServerProperties = Readonly<Record<string, string | number | boolean>>;

/** Names the cluster for good: a folder formatted with another id is refused by Kafka. */
const CLUSTER_ID = 'aUdyaWQtb24tb25lLW1hY2';

/** A single KRaft node, broker and controller in one: what AWS runs as MSK. */
export function kafkaProcess(config: KafkaConfig): EngineProcess {
  const properties = join(config.directory, 'server.properties');
  const logs = join(config.directory, 'data');
  return {
    name: 'kafka',
    command: config.java,
    args: [
      `-Xmx${config.heapMb ?? 512}m`,
      `-Xms${config.heapMb ?? 512}m`,
      '-XX:+UseSerialGC',
      ...(config.compiler === 'optimising' ? [] : ['-XX:TieredStopAtLevel=1']),
      ...LOGGING,
      ...['-cp', join(config.jars, '*'), 'kafka.Kafka', properties],
    ],
    ports: [config.port, config.controllerPort],
    prepare: async () => {
      await mkdir(logs, { recursive: true });
      await writeFile(properties, serverProperties(config, logs));
      if (await hasKafkaData(config.directory)) {
        return;
      }
      await execa(
        config.java,
        [
          ...LOGGING,
          ...['-cp', join(config.jars, '*'), 'kafka.tools.StorageTool'],
          ...['format', '--cluster-id', CLUSTER_ID, '--config', properties],
        ],
        { env: unicodeLocale() },
      );
    },
    isHealthy: () => isListening(HOST, config.port),
    // A clean stop writes a clean-shutdown mark; without it the next start checks every segment.
    stopTimeoutMs: 30_000,
  };
}

/** Whether a broker has begun to keep data in a folder: its disk is formatted. @param directory as in {@link KafkaConfig}. */
export const hasKafkaData = (directory: string): Promise<boolean> => exists(join(directory, 'data', 'meta.properties'));

const LOGGING = [`-Dlog4j.configuration=${pathToFileURL(join(import.meta.dirname, 'kafka-log4j.properties')).href}`];

function serverProperties(config: KafkaConfig, logs: string): string {
  const settings: ServerProperties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${HOST}:${config.controllerPort}`,
    listeners: `PLAINTEXT://${HOST}:${config.port},CONTROLLER://${HOST}:${config.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${config.port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': logs,
    // A producer that names a topic wrongly must fail, not create it.
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 5,
    // A broker that starts again forgets producers whose newest record is older than this by its own timestamp, and then
    // takes a repeated batch for a new one. Readings of a backfill are up to 5 days old.
    'producer.id.expiration.ms': 8 * 86_400_000,
    // What a topic may not keep leaves the disk soon, not after five minutes.
    'log.retention.check.interval.ms': 15_000,
    // Consumers of one machine: no second to wait for others to join their group.
    'group.initial.rebalance.delay.ms': 0,
    ...config.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${javaProperty(value)}\n`)
    .join('');
}
