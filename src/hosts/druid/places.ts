/** Where things are on a Druid host. Its units and scripts (ec2-userdata/druid) name the same places. */
import type { DruidService } from '../../druid/settings.ts';

export interface Places {
  /** Rendered configuration and secrets, made again at each boot; in memory. */
  readonly run: string;
  /** Where the instance's own disk is mounted, if it has one. */
  readonly disk: string;
  /** On it, segments, tasks and intermediate files: lost with the instance, and then read again. */
  readonly cache: string;
  /** What only a rehearsal keeps: metadata and segments, in place of PostgreSQL and S3. Its owner is Druid's user. */
  readonly state: string;
  /** The distribution: lib/ and extensions/. */
  readonly distribution: string;
  /** Certificates that the metadata database's must come from, PEM. */
  readonly databaseAuthority: string;
  /** Drop-ins of systemd. */
  readonly units: string;
}

export const HOST_PLACES: Places = {
  run: '/run/igrid-druid',
  disk: '/mnt/cache',
  cache: '/mnt/cache/druid',
  state: '/var/lib/igrid-druid',
  distribution: '/opt/igrid-druid/current',
  databaseAuthority: '/opt/igrid/current/database-ca.pem',
  units: '/etc/systemd/system',
};

/** Below {@link Places.run}: variables of {@link SECRET_VARIABLES}, read by systemd. */
export const SECRETS_FILE = 'secrets.env';
/** Below {@link Places.run}: the Router's key and certificate. */
export const KEY_STORE = 'router.p12';
export const CERTIFICATE_ALIAS = 'router';
/** Below {@link Places.run}: the password of the user `report`. */
export const REPORT_PASSWORD = 'report-password';

/** Loopback ports; the Router's is a setting. */
export type HostPorts = Readonly<Record<Exclude<DruidService, 'router'> | 'zookeeper' | 'derby', number>>;

export const HOST_PORTS: HostPorts = {
  zookeeper: 2181,
  derby: 1527,
  'coordinator-overlord': 8081,
  broker: 8082,
  historical: 8083,
  indexer: 8091,
};

export const LOOPBACK = '127.0.0.1';
