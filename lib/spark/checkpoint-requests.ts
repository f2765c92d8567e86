/**
 * Requests to S3 that the duty-cycle job's checkpoint takes. From the sources of Spark 3.5 (HDFSMetadataLog,
 * HDFSBackedStateStoreProvider, FileSystemBasedCheckpointFileManager) and of Hadoop's S3A, and counted with Spark 3.5.7 on
 * Hadoop 3.3.4: 20 PUT, COPY and LIST and 20 HEAD in a batch of two partitions. A rehearsal counts them, too.
 */
import type { GridConfig } from '../config/schema.ts';
import { sparkNodes } from '../config/yarn.ts';

/** In the two classes that S3 bills; deletions are free. */
export interface Requests {
  /** PUT, COPY, POST and LIST. */
  readonly put: number;
  /** GET and HEAD. */
  readonly get: number;
}

/**
 * What S3A looks for besides: `fewest` with its flags for creating and deleting (emr-bootstrap/step.sh), which Hadoop has
 * since 3.4 and so EMR 7.13; `all` without them, as in a rehearsal with Hadoop 3.3.
 */
export type Probing = 'fewest' | 'all';

/**
 * Of one file: it is written under another name and renamed, which is a copy, and deleted a hundred batches later. To look
 * for what is not there takes a HEAD and a LIST.
 */
const FILE: Readonly<Record<Probing, { readonly state: Requests; readonly log: Requests }>> = {
  fewest: {
    // PUT, COPY, and a look for the new name. It is looked at before it is deleted.
    state: { put: 3, get: 5 },
    // It is looked for, too, before it is begun and before it is renamed.
    log: { put: 5, get: 7 },
  },
  all: {
    // A folder of its name is looked for before, and its own folder after the deletion.
    state: { put: 5, get: 5 },
    log: { put: 7, get: 7 },
  },
};

/** What was read, and that it is done. */
const LOGS_OF_BATCH = 2;

/** `minDeltasForSnapshot`: every eleventh batch or so a partition's whole state is written as well. */
const BATCHES_PER_SNAPSHOT = 11;

/** Each minute (`maintenanceInterval`) a partition's files are listed, for a snapshot and for what is old. */
const LISTS_OF_MAINTENANCE = 2;

/** One state a shuffle partition, one partition a core of the executors. */
export function statePartitions(spark: GridConfig['spark']): number {
  return sparkNodes(spark).count * spark.executorCores;
}

/** Of each batch, and of each minute beside. */
export function checkpointRequests(
  partitions: number,
  probing: Probing,
): { readonly batch: Requests; readonly minute: Requests } {
  const { state, log } = FILE[probing];
  const states = partitions * (1 + 1 / BATCHES_PER_SNAPSHOT);
  return {
    batch: {
      put: states * state.put + LOGS_OF_BATCH * log.put,
      get: states * state.get + LOGS_OF_BATCH * log.get,
    },
    minute: { put: partitions * LISTS_OF_MAINTENANCE, get: 0 },
  };
}
