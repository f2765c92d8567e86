/** How much of a machine a load may take. */

/**
 * Share of each resource that may be in use at the declared load: the rest is for peaks, restarts
 * and catching up: with 55 % of the cores in use, an hour's backlog is gone after an hour and a quarter.
 */
export const HEADROOM = { cores: 0.55, memory: 0.75, disk: 0.7, network: 0.5 } as const;

export type Resource = keyof typeof HEADROOM;

export const RESOURCES: readonly Resource[] = ['cores', 'memory', 'disk', 'network'];

/** What of a machine, or of several, a part can use. */
export interface Capacity {
  /** Cores as fast as those of the measuring machine. */
  readonly cores: number;
  readonly memoryGib: number;
  /** Infinity where disks are chosen apart from machines. */
  readonly diskGib: number;
  readonly networkGbit: number;
}

/** All of a part together. */
export interface Need {
  /** Cores of the measuring machine, working without pause. */
  readonly cores: number;
  /** Beyond what the program needs with no appliance at all, GiB. */
  readonly memoryGib: number;
  readonly diskGib: number;
  /** Bytes in and out, Gbit/s. */
  readonly networkGbit: number;
}

/** How full machines are, as a share of what they have. */
export type Use = Readonly<Record<Resource, number>>;

/** @param count machines that each have the capacity. */
export function useOf(need: Need, capacity: Capacity, count: number): Use {
  return {
    cores: need.cores / (capacity.cores * count),
    memory: need.memoryGib / (capacity.memoryGib * count),
    disk: need.diskGib / (capacity.diskGib * count),
    network: need.networkGbit / (capacity.networkGbit * count),
  };
}
