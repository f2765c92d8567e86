/** From what a host is told and what it is to Druid's settings. */
import { stat, statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

import { type DruidSettings, S3_PREFIXES } from '../../druid/settings.ts';
import { CERTIFICATE_ALIAS, HOST_PORTS, type HostPorts, KEY_STORE, LOOPBACK, type Places } from './places.ts';
import type { DruidHostSettings } from './settings.ts';
import type { HostSizes, MachineSize } from './sizes.ts';

const MB = 1_048_576;
const GB = 1_000_000_000;

/** What the system, its agents and ZooKeeper need: MB at least, and a share of a large machine. */
const SYSTEM = { leastMb: 1_280, share: 0.04 } as const;

/** What the system and the distribution take of a disk that the cache shares with them, GB. */
const SHARED_DISK_GB = 12;

/**
 * @param user name of the role in the metadata database, and of the database.
 * @param ports loopback ports. Default: {@link HOST_PORTS}.
 */
export function druidSettings(
  settings: DruidHostSettings,
  { sizes, collector, workers, cacheGb, queryCacheMb, connections }: Omit<HostSizes, 'limitsMb'>,
  places: Places,
  user: string,
  ports: HostPorts = HOST_PORTS,
): DruidSettings {
  return {
    metadata:
      settings.DRUID_METADATA === 'derby'
        ? { kind: 'derby', port: ports.derby, directory: join(places.state, 'metadata') }
        : {
            kind: 'postgresql',
            host: settings.METADATA_HOST,
            port: settings.METADATA_PORT,
            database: user,
            user,
            certificateAuthority: places.databaseAuthority,
          },
    storage:
      settings.DRUID_STORAGE === 'local'
        ? { kind: 'local', directory: places.state }
        : { kind: 's3', bucket: settings.SEGMENTS_BUCKET, prefixes: S3_PREFIXES },
    extensions: join(places.distribution, 'extensions'),
    login: settings.DRUID_LOGIN,
    routerTls: {
      host: settings.PRIVATE_ADDRESS,
      keyStore: join(places.run, KEY_STORE),
      certificateAlias: CERTIFICATE_ALIAS,
    },
    host: LOOPBACK,
    ports: { ...ports, router: settings.ROUTER_PORT },
    zookeeper: `${LOOPBACK}:${ports.zookeeper}`,
    directory: places.cache,
    ...{ sizes, collector, workers, cacheGb, queryCacheMb, connections },
  };
}

/**
 * What this machine has for Druid.
 *
 * @param disk where the disk for segments is mounted, or a folder of the system's.
 * @param memoryMb memory that Druid may take, MB. Default: the machine's, without what the system needs.
 */
export async function machineSize(disk: string, memoryMb?: number): Promise<MachineSize> {
  const totalMb = totalmem() / MB;
  const { bsize, blocks } = await statfs(disk);
  const isShared = (await stat(disk)).dev === (await stat('/')).dev;
  const diskGb = (bsize * blocks) / GB - (isShared ? SHARED_DISK_GB : 0);
  return {
    memoryMb: memoryMb ?? Math.floor(totalMb - Math.max(SYSTEM.leastMb, SYSTEM.share * totalMb)),
    cpus: availableParallelism(),
    diskGb: Math.max(1, Math.floor(diskGb)),
  };
}
