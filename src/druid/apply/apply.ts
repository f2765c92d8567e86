/** Brings Druid's ingestion, lookups and retention to what a deployment wants. Done again it changes nothing. */
import { lookups } from '../../core/appliances/registry.ts';
import { until } from '../../core/clock/until.ts';
import { type DruidApi, DruidError } from '../api.ts';
import { DATA_SOURCES } from '../data-sources.ts';
import { setLookups, waitForLookups } from '../lookups.ts';
import { retentionRules, type SupervisorSettings, supervisorSpecs } from '../supervisor-specs.ts';
import { setDefaultRules, submitSupervisor, supervisorStatus, suspendSupervisor } from '../supervisors.ts';
import type { Desired, Running } from './desired.ts';

/** How long supervisors may take to reach Kafka, and processes to load lookups, ms. */
const PATIENCE_MS = 180_000;

export interface ApplyOptions {
  readonly consumer: SupervisorSettings['consumer'];
  /** Default: {@link PATIENCE_MS}. */
  readonly patienceMs?: number;
}

/**
 * Returns when it is so: supervisors have reached Kafka, processes have the lookups.
 *
 * @throws DruidError that names the supervisor and its newest error when one does not come up.
 */
export async function apply(api: DruidApi, desired: Desired, options: ApplyOptions): Promise<void> {
  const { consumer, patienceMs = PATIENCE_MS } = options;
  if (desired.state === 'suspended') {
    for (const id of DATA_SOURCES) {
      await suspendSupervisor(api, id);
    }
    return;
  }
  // Retention first: what is loaded before there are rules stays for as long as Druid's own rules say, forever.
  await setDefaultRules(api, await retentionRules(`P${desired.retentionDays}D`));
  for (const spec of await supervisorSpecs(settingsOf(desired, consumer))) {
    await submitSupervisor(api, spec);
  }
  const tables = { ...lookups() };
  await setLookups(api, tables);
  await waitForLookups(api, Object.keys(tables), patienceMs);
  for (const id of DATA_SOURCES) {
    await waitForSupervisor(api, id, patienceMs);
  }
}

function settingsOf(
  { maxIntervalMs, powerrawTasks }: Running,
  consumer: SupervisorSettings['consumer'],
): SupervisorSettings {
  return { consumer, maxIntervalMs, taskCounts: { powerraw: powerrawTasks } };
}

/** Until it runs and has asked Kafka. */
async function waitForSupervisor(api: DruidApi, id: string, patienceMs: number): Promise<void> {
  let seen = 'nothing is known of it';
  const isUp = async (): Promise<boolean> => {
    try {
      const { state, detailedState, lag, errors } = await supervisorStatus(api, id);
      seen = [`it is ${detailedState}`, ...errors.slice(0, 1)].join(': ');
      return state === 'RUNNING' && lag !== undefined;
    } catch (error) {
      if (!(error instanceof DruidError)) {
        throw error;
      }
      seen = error.message;
      return false;
    }
  };
  await until(isUp, {
    intervalMs: 1_000,
    timeoutMs: patienceMs,
    otherwise: () => new DruidError(`the supervisor of ${id} did not come up within ${patienceMs} ms: ${seen}`),
  });
}
