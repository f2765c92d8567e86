/**
 * What YARN on EMR makes of a node: how much memory it gives to containers, and how many executors of the duty-cycle job
 * fit. One executor that does not fit is not an error anywhere: the job runs with the others, and falls behind.
 */
import type { InstanceType } from './instance-types.ts';
import type { GridConfig } from './schema.ts';

/** EMR's own `spark.yarn.executor.memoryOverheadFactor`, since release 5.22; Spark's is 0.1. */
const OVERHEAD_FACTOR = 0.1875;
/** Spark's least overhead of an executor, MiB. */
const LEAST_OVERHEAD_MIB = 384;
/** The application master of a job in client mode: `spark.yarn.am.memory` of 512 MiB and the least overhead. */
const APPLICATION_MASTER_MIB = 512 + LEAST_OVERHEAD_MIB;
/**
 * What the primary node needs beside containers, MiB: the driver (1 GiB of heap and as much beside), the daemons of YARN
 * and HDFS (1 GiB each for four), the system. An assumption, not measured on EMR.
 */
const PRIMARY_MIB = 8 * 1_024;
/** Containers are multiples of EMR's `yarn.scheduler.minimum-allocation-mb`, MiB. */
const STEP_MIB = 32;

/**
 * EMR's `yarn.nodemanager.resource.memory-mb`, MiB: three quarters of a node's memory, or all but 8 GiB of a larger one.
 * A test holds this to the values that EMR's Release Guide lists by instance type:
 * https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-hadoop-task-config.html
 */
export function yarnMemoryMib({ memoryMib }: Pick<InstanceType, 'memoryMib'>): number {
  return memoryMib <= 32 * 1_024 ? memoryMib * 0.75 : memoryMib - 8 * 1_024;
}

/** Memory of an executor's container, MiB. */
export function containerMib(heapGiB: number): number {
  const heapMib = heapGiB * 1_024;
  const overheadMib = Math.max(LEAST_OVERHEAD_MIB, Math.floor(heapMib * OVERHEAD_FACTOR));
  return Math.ceil((heapMib + overheadMib) / STEP_MIB) * STEP_MIB;
}

/** The nodes that run executors: the core nodes, or the primary where there are none. */
export function sparkNodes({
  primaryType,
  coreType,
  coreNodes,
}: Pick<GridConfig['spark'], 'primaryType' | 'coreType' | 'coreNodes'>): {
  readonly type: string;
  readonly count: number;
} {
  return coreNodes === 0 ? { type: primaryType, count: 1 } : { type: coreType, count: coreNodes };
}

/**
 * The largest heap of an executor, whole GiB, with which every node holds one, the application master's node included.
 *
 * @param isPrimary whether the node is the primary, too, on which the driver and the daemons of YARN and HDFS run.
 */
export function largestHeapGib(type: Pick<InstanceType, 'memoryMib'>, isPrimary = false): number {
  const yarnMib = yarnMemoryMib(type);
  const leftMib = isPrimary ? Math.min(yarnMib, type.memoryMib - PRIMARY_MIB) : yarnMib;
  const freeMib = leftMib - APPLICATION_MASTER_MIB;
  let heapGib = 0;
  while (containerMib(heapGib + 1) <= freeMib) {
    heapGib += 1;
  }
  return heapGib;
}

export interface Executors {
  /** Of the core nodes. */
  readonly type: Pick<InstanceType, 'memoryMib' | 'vcpus'>;
  readonly nodes: number;
  readonly heapGiB: number;
  readonly cores: number;
}

/**
 * How many executors run at once on all core nodes, by memory and by cores: EMR gives YARN as many cores as a node has
 * vCPUs. One node also holds the application master, with a core.
 */
export function executorsOf({ type, nodes, heapGiB, cores }: Executors): number {
  const onNode = (memoryMib: number, vcpus: number): number =>
    Math.max(0, Math.min(Math.floor(memoryMib / containerMib(heapGiB)), Math.floor(vcpus / cores)));
  const yarnMib = yarnMemoryMib(type);
  return onNode(yarnMib - APPLICATION_MASTER_MIB, type.vcpus - 1) + (nodes - 1) * onNode(yarnMib, type.vcpus);
}
