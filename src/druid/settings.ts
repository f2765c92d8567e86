/** What differs between one Druid and another: sizes, ports, places and who may come in. All else is in the files. */

/** Druid's processes, by the names of their folders in ec2-userdata/druid and of `druid.service`. */
export const DRUID_SERVICES = ['coordinator-overlord', 'broker', 'historical', 'indexer', 'router'] as const;
export type DruidService = (typeof DRUID_SERVICES)[number];

/** The size of one process. */
export interface ServiceSize {
  /** Java heap, MB. */
  readonly heapMb: number;
  /** Threads that work on queries' segments. Default: 1. */
  readonly processingThreads?: number;
  /** Buffers for merging GROUP BYs, beside one for each processing thread. Default: 2. */
  readonly mergeBuffers?: number;
  /** Size of each of these buffers, outside of the heap, MB. Default: 1: for a process that answers no queries. */
  readonly bufferMb?: number;
  /** Threads that answer HTTP requests; Druid asks for at least 2. */
  readonly httpThreads: number;
}

/** Metadata in Derby, within the Coordinator: for one machine. */
export interface DerbyMetadata {
  readonly kind: 'derby';
  /** Port of Derby's network server. */
  readonly port: number;
  /** Absolute path of the database's folder, which Derby makes. */
  readonly directory: string;
}

/** Metadata in PostgreSQL; its password comes by {@link SECRET_VARIABLES}. */
export interface PostgresMetadata {
  readonly kind: 'postgresql';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** PEM file with the certificates that sign the server's. */
  readonly certificateAuthority: string;
}

/** Segments and the logs of tasks in folders. */
export interface FolderStorage {
  readonly kind: 'local';
  /** Absolute path of the folder above both. */
  readonly directory: string;
}

/** Segments and the logs of tasks in S3. */
export interface S3Storage {
  readonly kind: 's3';
  readonly bucket: string;
  /** The key prefixes of each, see {@link S3_PREFIXES}. */
  readonly prefixes: { readonly segments: string; readonly taskLogs: string };
}

/** Where things are in a bucket of Druid's own: its life-cycle rules name the same. */
export const S3_PREFIXES = { segments: 'segments', taskLogs: 'task-logs' } as const;

/** The Router's TLS, in place of plaintext on loopback; the key store's password comes by {@link SECRET_VARIABLES}. */
export interface RouterTls {
  /** Address on which the Router listens: the host's own. */
  readonly host: string;
  /** PKCS #12 file with the Router's key and certificate, and the entry's name in it. */
  readonly keyStore: string;
  readonly certificateAlias: string;
}

/** Environment variables from which Druid's processes read their secrets. */
export const SECRET_VARIABLES = {
  metadataPassword: 'DRUID_METADATA_PASSWORD',
  adminPassword: 'DRUID_ADMIN_PASSWORD',
  internalPassword: 'DRUID_INTERNAL_PASSWORD',
  keyStorePassword: 'DRUID_KEY_STORE_PASSWORD',
} as const;

export interface DruidSettings {
  readonly metadata: DerbyMetadata | PostgresMetadata;
  readonly storage: FolderStorage | S3Storage;
  /** Absolute path of the folder `extensions` of a distribution. Default: extensions are on the class path. */
  readonly extensions?: string;
  /** `basic`: everything asks for a login, with passwords by {@link SECRET_VARIABLES}. */
  readonly login: 'basic' | 'none';
  /** Default: the Router speaks plaintext on {@link DruidSettings.host}, as the others do. */
  readonly routerTls?: RouterTls;
  /** Where the processes listen: 127.0.0.1. With {@link RouterTls} the Router alone listens elsewhere. */
  readonly host: string;
  readonly ports: Readonly<Record<DruidService, number>>;
  /** ZooKeeper's `host:port`. */
  readonly zookeeper: string;
  /** Absolute path of the folder for everything that Druid writes. */
  readonly directory: string;
  readonly sizes: Readonly<Record<DruidService, ServiceSize>>;
  /** `SerialGC` for heaps of a few hundred MB on few cores, `G1GC` for larger ones. */
  readonly collector: 'SerialGC' | 'G1GC';
  /** Tasks that the Indexer runs at once: those that read, and as many again that publish what they have read. */
  readonly workers: number;
  /** How much of the disk the Historical may fill with segments, GB. */
  readonly cacheGb: number;
  /** The Historical's cache of query results, within its heap, MB. */
  readonly queryCacheMb: number;
  /** HTTP connections that Broker and Router keep to each process behind them. */
  readonly connections: number;
}
