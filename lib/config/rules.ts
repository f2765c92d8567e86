/** What a configuration must be beyond each field's own form: values that fit each other, and what AWS offers. */
import { DEFAULT_DAYS } from '../../src/history/schedule.ts';
import { BROKER_TYPES, familyOf, type InstanceType, instanceType, type TypedService } from './instance-types.ts';
import type { GridConfig } from './schema.ts';
import { largestHeapGib, sparkNodes, yarnMemoryMib } from './yarn.ts';

/** One wrong value. */
export interface Problem {
  readonly path: readonly string[];
  /** What is allowed instead. */
  readonly message: string;
}

type Rule = (config: GridConfig) => readonly Problem[];

/** Every problem of a configuration whose fields each have the right form. */
export function problemsOf(config: GridConfig): Problem[] {
  return RULES.flatMap((rule) => rule(config));
}

const problem = (path: string, message: string): Problem => ({ path: path.split('.'), message });

/** A list with `message` unless `holds`. */
const unless = (holds: boolean, path: string, message: string): Problem[] => (holds ? [] : [problem(path, message)]);

/** Without their hosts' types, the parts that prod must not run in the way of a rehearsal. */
const prod: Rule = ({ profile, network, druid, kafka, operations }) =>
  profile === 'dev'
    ? []
    : [
        ...unless(
          network.nat === 'gateway',
          'network.nat',
          'gateway in prod: nothing replaces an instance whose system has failed',
        ),
        ...unless(druid.metadata === 'postgresql', 'druid.metadata', 'postgresql in prod: derby is for a rehearsal'),
        ...unless(druid.storage === 's3', 'druid.storage', 's3 in prod: local is for a rehearsal'),
        ...unless(druid.login === 'basic', 'druid.login', 'basic in prod: none is for a rehearsal'),
        ...unless(kafka.auth === 'iam', 'kafka.auth', '"iam": an open, plaintext Kafka is for a rehearsal only'),
        ...unless(
          operations.alarmEmail !== undefined,
          'operations.alarmEmail',
          'an address: in prod someone must be notified of alarms',
        ),
      ];

const copies: Rule = ({ profile, kafka: { brokers, topics } }) =>
  Object.entries(topics).flatMap(([name, { replication, minInSyncReplicas }]) => {
    const at = `kafka.topics.${name}`;
    return [
      ...unless(replication <= brokers, `${at}.replication`, `at most the number of brokers (${brokers})`),
      ...unless(profile === 'dev' || replication > 1, `${at}.replication`, 'at least 2 in prod: a broker can be lost'),
      // A single copy is in sync with itself; more than that never are.
      ...unless(
        minInSyncReplicas < replication || minInSyncReplicas === 1,
        `${at}.minInSyncReplicas`,
        replication === 1
          ? '1 with one copy, or no write succeeds'
          : `less than replication (${replication}), or one broker that is away stops every producer`,
      ),
    ];
  });

const disks: Rule = ({ kafka }) =>
  unless(kafka.maxStorageGiB >= kafka.storageGiB, 'kafka.maxStorageGiB', `at least storageGiB (${kafka.storageGiB})`);

/** MSK spreads brokers evenly over the cluster's subnets, one a zone. */
const zones: Rule = ({ network, kafka }) => [
  ...unless(
    kafka.brokers % network.zones === 0,
    'kafka.brokers',
    `a multiple of ${network.zones}: MSK wants as many brokers in each zone`,
  ),
  ...unless(
    network.availabilityZones === undefined || network.availabilityZones.length === network.zones,
    'network.availabilityZones',
    `as many zones as network.zones says (${network.zones})`,
  ),
  ...unless(
    network.natGateways === undefined || network.natGateways <= network.zones,
    'network.natGateways',
    `at most one a zone (${network.zones})`,
  ),
];

const places: Rule = ({ account, region, network }) => {
  const zones = network.availabilityZones ?? [];
  const regionOf = (zone: string): string => zone.slice(0, -1);
  const expected = region ?? (zones[0] === undefined ? undefined : regionOf(zones[0]));
  return [
    ...unless((account === undefined) === (region === undefined), 'region', 'given together with account, or neither'),
    ...zones.flatMap((zone, index) =>
      unless(
        regionOf(zone) === expected,
        `network.availabilityZones.${index}`,
        `a zone of ${expected ?? 'one region'}, as ${region === undefined ? 'the first zone' : 'region'} says`,
      ),
    ),
  ];
};

/** Tasks of powerraw that the Druid host has room for (hostSizes of src/hosts/druid/sizes.ts); undefined for an unknown type. */
function mostTasks({ instanceType: name, memoryGiB }: GridConfig['druid']): number | undefined {
  const type = instanceType(name);
  return type && Math.max(1, Math.min(type.vcpus, Math.floor(memoryGiB ?? type.memoryMib / 1_024)));
}

const ingestion: Rule = ({ druid, kafka, speed }) => {
  const { partitions } = kafka.topics.powerraw;
  const leastDays = Math.ceil((DEFAULT_DAYS + 1) / speed);
  const tasks = mostTasks(druid);
  return [
    ...unless(
      druid.powerrawTasks <= partitions,
      'druid.powerrawTasks',
      `at most kafka.topics.powerraw.partitions (${partitions}): a partition has one reader, other tasks would idle`,
    ),
    ...(tasks === undefined
      ? []
      : unless(
          druid.powerrawTasks <= tasks,
          'druid.powerrawTasks',
          `at most ${tasks} on ${druid.instanceType}: a task takes up to a vCPU and a GiB of memory; a larger druid.instanceType has room for more`,
        )),
    ...unless(
      druid.retentionDays >= leastDays,
      'druid.retentionDays',
      `at least ${leastDays} at speed ${speed}: history looks back ${DEFAULT_DAYS} days of grid time, and the day of the slot itself`,
    ),
  ];
};

const nodes: Rule = ({ spark }) =>
  unless(
    spark.maxCoreNodes === undefined || (spark.coreNodes > 0 && spark.maxCoreNodes >= spark.coreNodes),
    'spark.maxCoreNodes',
    spark.coreNodes === 0
      ? 'absent without core nodes: EMR scales them only'
      : `at least coreNodes (${spark.coreNodes})`,
  );

/** An EC2 type, or the problem with its name. */
function known(path: string, name: string, prefix = ''): InstanceType | Problem {
  const type = instanceType(name);
  if (type) {
    return type;
  }
  const family = familyOf(name);
  return problem(
    path,
    family.length > 0
      ? `one of ${family.map((one) => `${prefix}${one}`).join(', ')}`
      : 'an instance type that AWS offers; one newer than this project goes into lib/config/instance-types.json',
  );
}

const isProblem = (one: InstanceType | Problem): one is Problem => 'path' in one;

/** Hosts run Debian's amd64 image, native packages and agents for amd64. */
function host(path: string, name: string, leastGib: number, why: string): Problem[] {
  const type = known(path, name);
  if (isProblem(type)) {
    return [type];
  }
  return [
    ...unless(type.architecture === 'amd64', path, 'a type with an x86-64 processor: the hosts run an amd64 image'),
    ...unless(
      type.memoryMib >= leastGib * 1_024,
      path,
      `a type with at least ${leastGib} GiB of memory (${name} has ${type.memoryMib / 1_024}): ${why}`,
    ),
  ];
}

/** Of a service that takes some types only. */
function service(path: string, name: string, of: TypedService, what: string): Problem[] {
  const type = known(path, name);
  if (isProblem(type)) {
    return [type];
  }
  const taken = familyOf(name).filter((one) => instanceType(one)?.services.has(of));
  const allowed = taken.length > 0 ? `such as ${taken.slice(0, 3).join(', ')}` : `which ${type.name}'s family is not`;
  return unless(type.services.has(of), path, `${what}, ${allowed}`);
}

/** Every core node runs one executor: shuffle partitions are counted by them. */
const executors: Rule = ({ spark }) => {
  const type = instanceType(sparkNodes(spark).type);
  if (type === undefined) {
    return [];
  }
  const isPrimary = spark.coreNodes === 0;
  const heapGib = largestHeapGib(type, isPrimary);
  return [
    ...unless(
      spark.executorMemoryGiB <= heapGib,
      'spark.executorMemoryGiB',
      `at most ${heapGib} on ${type.name}: YARN has ${yarnMemoryMib(type)} MiB of it, for the heap, 18.75 % overhead and the application master${isPrimary ? ', beside the driver and the daemons of the only node' : ''}`,
    ),
    ...unless(
      spark.executorCores < type.vcpus,
      'spark.executorCores',
      `at most ${type.vcpus - 1} on ${type.name}, which has ${type.vcpus} vCPUs: the application master takes one`,
    ),
  ];
};

/** Memory, GiB, that the system and the agents of a host need beside Druid. */
const DRUID_LEAST_GIB = 4;

const types: Rule = ({ kafka, replay, spark, database, druid, airflow, superset }) => {
  const druidType = instanceType(druid.instanceType);
  return [
    ...unless(
      BROKER_TYPES.includes(kafka.brokerType),
      'kafka.brokerType',
      `one of ${BROKER_TYPES.join(', ')} (kafka.t3.small takes no KRaft mode)`,
    ),
    ...host('replay.instanceType', replay.instanceType, 1, 'the replay and its agents need it'),
    ...host('druid.instanceType', druid.instanceType, DRUID_LEAST_GIB, "Druid's processes need it"),
    ...(druidType === undefined || druid.memoryGiB === undefined
      ? []
      : unless(
          druid.memoryGiB * 1_024 < druidType.memoryMib,
          'druid.memoryGiB',
          `less than the ${druidType.memoryMib / 1_024} GiB of ${druidType.name}`,
        )),
    ...host('airflow.instanceType', airflow.instanceType, 4, 'Airflow 3 needs more than 2 GiB'),
    ...host('superset.instanceType', superset.instanceType, 2, 'Superset needs it'),
    ...service('spark.primaryType', spark.primaryType, 'emr', 'a type that EMR takes'),
    ...service('spark.coreType', spark.coreType, 'emr', 'a type that EMR takes'),
    ...service('database.instanceType', database.instanceType, 'rds', 'a type that RDS takes for PostgreSQL'),
  ];
};

const RULES: readonly Rule[] = [prod, copies, disks, zones, places, ingestion, nodes, types, executors];
