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

/** The grid on one machine: Derby and folders below {@link DruidSettings.directory}. */
export interface LocalEnvironment {
  readonly kind: 'local';
  /** Port of Derby's network server, which runs within the Coordinator. */
  readonly metadataPort: number;
}

/** A host of the stack. Secrets come by the environment variables of {@link SECRET_VARIABLES}. */
export interface AwsEnvironment {
  readonly kind: 'aws';
  readonly metadata: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    /** PEM file with the certificates of RDS. */
    readonly certificateAuthority: string;
  };
  /** Bucket for segments and task logs, and the key prefix below which they are, without slashes at its ends. */
  readonly bucket: string;
  readonly prefix: string;
  /** PKCS #12 file with the Router's key and certificate, and the entry's name in it. */
  readonly keyStore: string;
  readonly certificateAlias: string;
  /** Address on which the Router listens, and others know it by: the host's own. */
  readonly routerHost: string;
}

/** Environment variables from which Druid's processes read their secrets on a host of the stack. */
export const SECRET_VARIABLES = {
  metadataPassword: 'DRUID_METADATA_PASSWORD',
  adminPassword: 'DRUID_ADMIN_PASSWORD',
  internalPassword: 'DRUID_INTERNAL_PASSWORD',
  keyStorePassword: 'DRUID_KEY_STORE_PASSWORD',
} as const;

export interface DruidSettings {
  readonly environment: LocalEnvironment | AwsEnvironment;
  /** Where the processes listen: 127.0.0.1. On AWS the Router alone listens elsewhere. */
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
