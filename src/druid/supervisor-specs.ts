/** Renders the supervisor specs of ec2-userdata/druid/specs: how each topic becomes a data source. */
import { join } from 'node:path';

import { z } from 'zod';

import { MAX_MESSAGE_POWER_W } from '../core/limits.ts';
import { dutycycle, history, powerraw } from '../core/messages/messages.ts';
import { type Json, readTemplate, renderJson } from '../core/templates/template.ts';
import { DATA_SOURCES, type DataSource } from './data-sources.ts';

const SPECS = join(import.meta.dirname, '..', '..', 'ec2-userdata', 'druid', 'specs');

export interface SupervisorSettings {
  /** Properties of Kafka's Java consumer; `bootstrap.servers` at least. */
  readonly consumer: Readonly<Record<string, string>> & { readonly 'bootstrap.servers': string };
  /** The largest valid `interval_ms` of a reading, wall-clock ms: the maximum gap. A longer one is left out. */
  readonly maxIntervalMs: number;
  /** The largest valid power of one reading, W. A larger one, a negative one and NaN are left out. Default: {@link MAX_MESSAGE_POWER_W}. */
  readonly maxPowerW?: number;
  /** Tasks that read a topic side by side, per data source. Default: 1. */
  readonly taskCounts?: Readonly<Partial<Record<DataSource, number>>>;
  /** ISO 8601 period after which a task publishes what it has read. Below a minute every task fails. Default: PT1H. */
  readonly taskDuration?: string;
  /** ISO 8601 period: messages older than this are left out, so that a clock reset can't make a segment of 1970. Default: P14D. */
  readonly oldest?: string;
  /**
   * ISO 8601 period: messages further ahead of a task's planned end are left out. A task that is restored reads for one
   * more duration under the limit of its creation, so this is a duration and ten minutes (./stale-tasks.ts). Default:
   * PT1H10M.
   */
  readonly ahead?: string;
  /** Rows that a task holds in memory before it writes them down. Default: 100,000. */
  readonly maxRowsInMemory?: number;
}

/** A spec as Druid takes it; its id is the data source. */
export interface SupervisorSpec {
  readonly id: DataSource;
  readonly spec: Json;
}

/** The spec of every data source. */
export async function supervisorSpecs(settings: SupervisorSettings): Promise<SupervisorSpec[]> {
  const supervisor = await readTemplate(join(SPECS, 'supervisor.json'));
  return Promise.all(
    DATA_SOURCES.map(async (id) => ({
      id,
      spec: renderJson(supervisor, {
        dataSchema: await dataSchema(id, settings),
        topic: id,
        schema: z.json().parse(JSON.parse(SCHEMAS[id])),
        consumer: { ...settings.consumer },
        taskCount: settings.taskCounts?.[id] ?? 1,
        taskDuration: settings.taskDuration ?? 'PT1H',
        oldest: settings.oldest ?? 'P14D',
        ahead: settings.ahead ?? 'PT1H10M',
        maxRowsInMemory: settings.maxRowsInMemory ?? 100_000,
      }),
    })),
  );
}

/**
 * How long Druid serves what it holds, for every data source.
 *
 * @param retention ISO 8601 period. Default: P90D.
 */
export async function retentionRules(retention = 'P90D'): Promise<Json> {
  return renderJson(await readTemplate(join(SPECS, 'rules.json')), { retention });
}

const SCHEMAS: Readonly<Record<DataSource, string>> = {
  powerraw: powerraw.schema,
  dutycycle: dutycycle.schema,
  history: history.schema,
};

async function dataSchema(id: DataSource, settings: SupervisorSettings): Promise<Json> {
  const template = await readTemplate(join(SPECS, `${id}.json`));
  const { maxIntervalMs, maxPowerW = MAX_MESSAGE_POWER_W } = settings;
  return renderJson(template, id === 'powerraw' ? { maxIntervalMs, maxPowerW } : {});
}
