/** Renders the files of ec2-userdata/druid/conf for one Druid. */
import { join } from 'node:path';

import { javaProperty, readTemplate, renderText, type TextValue, verbatim } from '../core/templates/template.ts';
import { DRUID_SERVICES, type DruidService, type DruidSettings, type RouterTls, SECRET_VARIABLES } from './settings.ts';

const CONF = join(import.meta.dirname, '..', '..', 'ec2-userdata', 'druid', 'conf');

/** What Druid logs, and where to: to standard output. */
export const LOG4J_CONFIG = join(CONF, 'log4j2.xml');

/** The files with which one process is started, in a folder of its own that is its working directory. */
export interface ServiceFiles {
  /** `runtime.properties`: Druid reads it from its working directory. */
  readonly runtimeProperties: string;
  /** `jvm.config`: a Java argument file. */
  readonly jvmConfig: string;
}

/**
 * The rendered files of every process.
 *
 * @param options.log4j path of the log4j2 configuration. Default: {@link LOG4J_CONFIG}.
 * @throws TemplateError when a setting and a template don't fit each other.
 */
export async function renderDruid(
  settings: DruidSettings,
  options: { log4j?: string } = {},
): Promise<Record<DruidService, ServiceFiles>> {
  const entries = await Promise.all(
    DRUID_SERVICES.map(async (service) => {
      const files: ServiceFiles = {
        runtimeProperties: await runtimeProperties(settings, service),
        jvmConfig: await jvmConfig(settings, service, options.log4j ?? LOG4J_CONFIG),
      };
      return [service, files] as const;
    }),
  );
  // Object.fromEntries forgets that every service is there.
  return Object.fromEntries(entries) as Record<DruidService, ServiceFiles>;
}

/** ZooKeeper's `zoo.cfg`. */
export async function renderZookeeper(values: { host: string; port: number; directory: string }): Promise<string> {
  return renderText(await readTemplate(join(CONF, 'zookeeper.cfg')), values, javaProperty);
}

/** Memory outside of the heap: a process's buffers and some for the network. */
export function directMb(settings: Pick<DruidSettings, 'sizes'>, service: DruidService): number {
  const size = withDefaults(settings, service);
  return size.bufferMb * (size.processingThreads + size.mergeBuffers + 1) + 32;
}

function withDefaults(settings: Pick<DruidSettings, 'sizes'>, service: DruidService) {
  return { processingThreads: 1, mergeBuffers: 2, bufferMb: 1, ...settings.sizes[service] };
}

async function runtimeProperties(settings: DruidSettings, service: DruidService): Promise<string> {
  const { processingThreads, mergeBuffers, bufferMb, httpThreads } = withDefaults(settings, service);
  const { directory, zookeeper, login, extensions } = settings;
  const tls = service === 'router' ? settings.routerTls : undefined;
  const parts = [
    await properties('common', {
      host: tls?.host ?? settings.host,
      bindOnHost: true,
      // Extensions on the class path are found without being named.
      extensions: JSON.stringify(extensions === undefined ? [] : extensionsOf(settings)),
      ...{ service, zookeeper, directory, processingThreads, mergeBuffers, bufferMb, httpThreads },
    }),
    ...(extensions === undefined ? [] : [await properties('extensions', { extensions })]),
    await metadataProperties(settings),
    await storageProperties(settings.storage),
    ...(login === 'basic' ? [await loginProperties(directory, service)] : []),
    await serviceProperties(settings, service),
    ...(tls ? [await tlsProperties(settings, tls)] : []),
  ];
  return parts.join('\n');
}

/** What settings ask for, by the folders' names in a distribution. */
function extensionsOf({ metadata, storage, login }: DruidSettings): string[] {
  return [
    'druid-kafka-indexing-service',
    'druid-avro-extensions',
    ...(storage.kind === 's3' ? ['druid-s3-extensions'] : []),
    ...(metadata.kind === 'postgresql' ? ['postgresql-metadata-storage'] : []),
    ...(login === 'basic' ? ['druid-basic-security'] : []),
  ];
}

function metadataProperties({ metadata, host }: DruidSettings): Promise<string> {
  if (metadata.kind === 'derby') {
    return properties('metadata-derby', {
      host,
      metadataPort: metadata.port,
      metadataDirectory: metadata.directory,
    });
  }
  return properties('metadata-postgresql', {
    metadataHost: metadata.host,
    metadataPort: metadata.port,
    metadataDatabase: metadata.database,
    metadataUser: metadata.user,
    metadataCertificateAuthority: metadata.certificateAuthority,
    metadataPasswordVariable: SECRET_VARIABLES.metadataPassword,
  });
}

function storageProperties(storage: DruidSettings['storage']): Promise<string> {
  if (storage.kind === 'local') {
    return properties('storage-local', {
      segmentsDirectory: `${storage.directory}/segments`,
      taskLogsDirectory: `${storage.directory}/task-logs`,
    });
  }
  const { bucket, prefixes } = storage;
  return properties('storage-s3', { bucket, segmentsKey: prefixes.segments, taskLogsKey: prefixes.taskLogs });
}

function loginProperties(directory: string, service: DruidService): Promise<string> {
  return properties('login', {
    ...{ directory, service },
    adminPasswordVariable: SECRET_VARIABLES.adminPassword,
    internalPasswordVariable: SECRET_VARIABLES.internalPassword,
  });
}

function tlsProperties(settings: DruidSettings, { keyStore, certificateAlias }: RouterTls): Promise<string> {
  return properties('router-tls', {
    port: settings.ports.router,
    keyStorePasswordVariable: SECRET_VARIABLES.keyStorePassword,
    ...{ keyStore, certificateAlias },
  });
}

function serviceProperties(settings: DruidSettings, service: DruidService): Promise<string> {
  const port = settings.ports[service];
  const { connections, directory, workers, cacheGb, queryCacheMb } = settings;
  switch (service) {
    case 'coordinator-overlord':
      return properties(service, { port });
    case 'broker':
      return properties(service, { port, connections });
    case 'historical':
      return properties(service, { port, directory, cacheGb, queryCacheMb });
    case 'indexer':
      return properties(service, { port, directory, workers });
    case 'router':
      return properties(service, { port, connections });
  }
}

async function properties(name: string, values: Record<string, TextValue>): Promise<string> {
  return renderText(await readTemplate(join(CONF, `${name}.properties`)), values, javaProperty);
}

async function jvmConfig(settings: DruidSettings, service: DruidService, log4j: string): Promise<string> {
  const { collector, directory, sizes } = settings;
  const { heapMb } = sizes[service];
  const values = { heapMb, directMb: directMb(settings, service), collector, directory, log4j };
  return renderText(await readTemplate(join(CONF, 'jvm.config')), values, verbatim);
}
