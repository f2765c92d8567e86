/** Druid's ingestion: submitted as often as one likes, and asked how it does. */
import { z } from 'zod';

import type { Json } from '../core/templates/template.ts';
import { type DruidApi, DruidError } from './api.ts';
import type { DataSource } from './data-sources.ts';
import type { SupervisorSpec } from './supervisor-specs.ts';

const PATH = '/druid/indexer/v1/supervisor';

/**
 * Brings a supervisor to its spec. A spec that is the same as the one that runs changes nothing: its tasks go on.
 *
 * @throws DruidError naming what Druid refuses in the spec.
 */
export async function submitSupervisor(api: DruidApi, spec: SupervisorSpec): Promise<void> {
  await api.post(`${PATH}?skipRestartIfUnmodified=true`, spec.spec, z.object({ id: z.literal(spec.id) }));
}

/**
 * Stops ingestion where it is: the supervisor stays, and continues from there when its spec is submitted again. One that
 * is not there or already stopped stays so.
 *
 * @throws DruidError when Druid is away or refuses otherwise.
 */
export async function suspendSupervisor(api: DruidApi, id: DataSource): Promise<void> {
  try {
    await api.request('POST', `${PATH}/${id}/suspend`);
  } catch (error) {
    const isNothingToStop = error instanceof DruidError && (error.status === 404 || error.status === 400);
    if (!isNothingToStop) {
      throw error;
    }
  }
}

/** How one data source's ingestion is. */
export interface SupervisorStatus {
  /** e.g. `RUNNING`, `PENDING`, `UNHEALTHY_TASKS`, `SUSPENDED`. */
  readonly state: string;
  /** The state in more detail, e.g. `CONNECTING_TO_STREAM`, `LOST_CONTACT_WITH_STREAM`. */
  readonly detailedState: string;
  readonly healthy: boolean;
  /** Messages in the topic that no task has read yet, all partitions; undefined until Druid has asked Kafka. */
  readonly lag: number | undefined;
  /** Tasks that read. */
  readonly activeTasks: number;
  /** Tasks that publish what they have read. */
  readonly publishingTasks: number;
  /** The newest errors, as Druid tells them. */
  readonly errors: readonly string[];
}

const status = z.object({
  payload: z.object({
    state: z.string(),
    detailedState: z.string(),
    healthy: z.boolean(),
    aggregateLag: z.int().nullish(),
    activeTasks: z.array(z.unknown()),
    publishingTasks: z.array(z.unknown()),
    recentErrors: z.array(z.object({ message: z.string().nullish() })),
  }),
});

/** @throws DruidError with status 404 when there is no supervisor of that name. */
export async function supervisorStatus(api: DruidApi, id: string): Promise<SupervisorStatus> {
  const { payload } = await api.get(`${PATH}/${id}/status`, status);
  return {
    state: payload.state,
    detailedState: payload.detailedState,
    healthy: payload.healthy,
    lag: payload.aggregateLag ?? undefined,
    activeTasks: payload.activeTasks.length,
    publishingTasks: payload.publishingTasks.length,
    errors: payload.recentErrors.map((error) => error.message ?? 'no message'),
  };
}

/** What became of the messages that the running tasks have read, since each of them started. */
export interface IngestionCounts {
  /** Became part of a row. */
  processed: number;
  /** Became part of a row, with a field left out that could not be read. */
  processedWithError: number;
  /** Read, but left out by the spec: an implausible value, too old, or too far ahead. */
  thrownAway: number;
  /** Could not be read at all. */
  unparseable: number;
}

const counts = z.object({
  processed: z.number(),
  processedWithError: z.number(),
  thrownAway: z.number(),
  unparseable: z.number(),
});

/** Task groups, then tasks. A task that has just started has no totals yet. */
const stats = z.record(
  z.string(),
  z.record(z.string(), z.object({ totals: z.object({ buildSegments: counts.optional() }).optional() })),
);

/** The running tasks' counts, added up. A task that has published is no longer among them. */
export async function ingestionCounts(api: DruidApi, id: string): Promise<IngestionCounts> {
  const sum: IngestionCounts = { processed: 0, processedWithError: 0, thrownAway: 0, unparseable: 0 };
  const groups = await api.get(`${PATH}/${id}/stats`, stats);
  for (const task of Object.values(groups).flatMap((group) => Object.values(group))) {
    const one = task.totals?.buildSegments;
    if (one === undefined) {
      continue;
    }
    sum.processed += one.processed;
    sum.processedWithError += one.processedWithError;
    sum.thrownAway += one.thrownAway;
    sum.unparseable += one.unparseable;
  }
  return sum;
}

/** Sets what is served for how long, for every data source that has no rules of its own. Setting the same changes nothing. */
export async function setDefaultRules(api: DruidApi, rules: Json): Promise<void> {
  await api.request('POST', '/druid/coordinator/v1/rules/_default', rules);
}
