/** How a machine is divided among Druid's processes, after "Basic cluster tuning" of Druid's documentation. */
import { directMb } from '../../druid/configuration.ts';
import { DATA_SOURCES } from '../../druid/data-sources.ts';
import { DRUID_SERVICES, type DruidService, type DruidSettings, type ServiceSize } from '../../druid/settings.ts';

/** What there is to divide. */
export interface MachineSize {
  /** Memory that Druid may take, MB: what the system and its agents need is not part of it. */
  readonly memoryMb: number;
  readonly cpus: number;
  /** Disk for segments, tasks and intermediate files, GB. */
  readonly diskGb: number;
}

export interface HostSizes extends Pick<
  DruidSettings,
  'sizes' | 'collector' | 'workers' | 'cacheGb' | 'queryCacheMb' | 'connections'
> {
  /** The most that systemd lets each process have, MB; the page cache of the files that it maps is part of it. */
  readonly limitsMb: Readonly<Record<DruidService, number>>;
}

/** Under this, heaps would be too small for a start. */
export const MIN_MEMORY_MB = 2_048;

/** Above this a heap loses compressed pointers, and so holds less. */
const MAX_HEAP_MB = 31_000;

/** Of the disk; the rest is for tasks, and for what is pulled before something else is dropped. */
const CACHE_SHARE = 0.7;

/** Of a heap: class data, threads' stacks and what the collector needs; with a floor for small heaps. */
const OVERHEAD = { share: 0.2, floorMb: 192 } as const;

/**
 * Tasks that the Indexer may run at once. By the machine, not by the configuration: another number of tasks is a matter of
 * the supervisors then, and the host stays. A task that reads powerraw takes up to a core (rules.ts of lib/config allows no
 * more tasks than that), those of the other data sources next to nothing; and as many may publish what they have read. The
 * Indexer divides a sixth of its heap by this number for the rows that a task holds in memory
 * (UnifiedIndexerAppenderatorsManager of Druid): 8 MB a task with 2 GB of memory and 2 cores, 39 MB on an i3.16xlarge.
 */
const workersOf = (cores: number): number => 2 * (cores + DATA_SOURCES.length - 1);

/**
 * Heaps and buffers take about two thirds of the memory; the rest is page cache, in which segments are read.
 *
 * @throws RangeError below {@link MIN_MEMORY_MB}.
 */
export function hostSizes({ memoryMb, cpus, diskGb }: MachineSize): HostSizes {
  if (memoryMb < MIN_MEMORY_MB) {
    throw new RangeError(`Druid needs at least ${MIN_MEMORY_MB} MB of memory, not ${memoryMb}`);
  }
  const share = (part: number, leastMb: number, mostMb = MAX_HEAP_MB): number =>
    Math.round(Math.min(Math.max(part * memoryMb, leastMb), mostMb));
  /** Buffers of one process share a part of the memory; Druid's own limit is 1 GB each. */
  const buffer = (part: number, buffers: number): number =>
    Math.round(Math.min(Math.max((part * memoryMb) / buffers, 8), 1_000));

  // Each thread that works on segments has a buffer: a container with many cores and little memory has few.
  const cores = Math.min(cpus, Math.max(1, Math.floor(memoryMb / 1_024)));
  const threads = Math.max(1, cores - 1);
  const taskThreads = Math.max(1, Math.floor(cores / 2));
  const mergeBuffers = Math.max(2, Math.floor(cores / 4));
  const httpThreads = Math.min(Math.max(16, cores * 4), 96);
  const sizes: Record<DruidService, ServiceSize> = {
    'coordinator-overlord': { heapMb: share(0.05, 256, 8_000), httpThreads },
    broker: {
      heapMb: share(0.1, 256),
      processingThreads: 1,
      mergeBuffers,
      bufferMb: buffer(0.06, mergeBuffers + 2),
      httpThreads,
    },
    historical: {
      heapMb: share(0.08, 192),
      processingThreads: threads,
      mergeBuffers,
      bufferMb: buffer(0.08, threads + mergeBuffers + 1),
      httpThreads,
    },
    indexer: {
      heapMb: share(0.2, 384),
      processingThreads: taskThreads,
      mergeBuffers,
      bufferMb: buffer(0.06, taskThreads + mergeBuffers + 1),
      httpThreads,
    },
    router: { heapMb: share(0.015, 96, 1_000), httpThreads },
  };
  const fixed = (service: DruidService): number => {
    const { heapMb } = sizes[service];
    return heapMb + directMb({ sizes }, service) + Math.max(OVERHEAD.floorMb, Math.round(OVERHEAD.share * heapMb));
  };
  // Memory outside all heaps: the two that map segments may fill it with their pages, the others need none.
  const pagesMb = Math.max(0, memoryMb - DRUID_SERVICES.reduce((sum, service) => sum + fixed(service), 0));
  return {
    sizes,
    collector: memoryMb < 8_192 ? 'SerialGC' : 'G1GC',
    workers: workersOf(cores),
    cacheGb: Math.max(1, Math.floor(CACHE_SHARE * diskGb)),
    queryCacheMb: Math.round(sizes.historical.heapMb * 0.15),
    connections: Math.floor(httpThreads / 2),
    limitsMb: {
      'coordinator-overlord': fixed('coordinator-overlord'),
      broker: fixed('broker'),
      historical: fixed('historical') + pagesMb,
      indexer: fixed('indexer') + pagesMb,
      router: fixed('router'),
    },
  };
}
