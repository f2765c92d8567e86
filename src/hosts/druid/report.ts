/**
 * How Druid does, as JSON lines that become metrics (lib/operations/druid-alarms.ts): one a supervisor, one of segments,
 * or one that says that Druid does not answer.
 */
import { z } from 'zod';

import { type DruidApi, DruidError } from '../../druid/api.ts';
import { DATA_SOURCES, type DataSource } from '../../druid/data-sources.ts';
import { querySql } from '../../druid/sql.ts';
import { supervisorStatus } from '../../druid/supervisors.ts';

export interface SupervisorLine {
  readonly event: 'supervisor';
  readonly at_ms: number;
  readonly data_source: DataSource;
  /** 1: Druid calls it healthy and it is not suspended. */
  readonly healthy: 0 | 1;
  readonly state: string;
  /** Messages that no task has read yet; absent until Druid has asked Kafka. */
  readonly lag?: number;
  /** The newest error, when it is not healthy. */
  readonly error?: string;
}

export interface SegmentsLine {
  readonly event: 'segments';
  readonly at_ms: number;
  /** Published segments that retention keeps. */
  readonly used: number;
  /** Those of them that no process serves. */
  readonly unavailable: number;
  /** Their bytes in deep storage. */
  readonly bytes: number;
}

export interface UnansweredLine {
  readonly event: 'unanswered';
  readonly at_ms: number;
  /** Always 1: counted by the metric. */
  readonly failures: 1;
  readonly error: string;
}

export type ReportLine = SupervisorLine | SegmentsLine | UnansweredLine;

/** A supervisor that was never submitted, or is still suspended, ingests nothing. */
const STOPPED = new Set(['SUSPENDED', 'STOPPING']);

/** Asks once. What Druid does not answer is a line as well. */
export async function report(api: DruidApi, atMs: number): Promise<ReportLine[]> {
  const lines: ReportLine[] = [];
  const ask = async (question: () => Promise<ReportLine>): Promise<void> => {
    try {
      lines.push(await question());
    } catch (error) {
      if (!(error instanceof DruidError)) {
        throw error;
      }
      lines.push({ event: 'unanswered', at_ms: atMs, failures: 1, error: error.message });
    }
  };
  for (const dataSource of DATA_SOURCES) {
    await ask(() => supervisorLine(api, dataSource, atMs));
  }
  await ask(() => segmentsLine(api, atMs));
  return lines;
}

async function supervisorLine(api: DruidApi, dataSource: DataSource, atMs: number): Promise<SupervisorLine> {
  const base = { event: 'supervisor', at_ms: atMs, data_source: dataSource } as const;
  try {
    const { healthy, state, detailedState, lag, errors } = await supervisorStatus(api, dataSource);
    const isHealthy = healthy && !STOPPED.has(state);
    const [error] = errors;
    return {
      ...base,
      healthy: isHealthy ? 1 : 0,
      state: detailedState,
      ...(lag === undefined ? {} : { lag }),
      ...(!isHealthy && error !== undefined ? { error } : {}),
    };
  } catch (error) {
    // Asked by somebody who may read, Druid calls a supervisor that is not there a bad request.
    if (error instanceof DruidError && (error.status === 404 || error.status === 400)) {
      return { ...base, healthy: 0, state: 'NOT_SUBMITTED' };
    }
    throw error;
  }
}

const segmentsRow = z.object({ used: z.int(), unavailable: z.int(), bytes: z.number().nullable() });

async function segmentsLine(api: DruidApi, atMs: number): Promise<SegmentsLine> {
  const [row] = await querySql(
    api,
    `SELECT COUNT(*) AS used,
            COUNT(*) FILTER (WHERE is_available = 0 AND replication_factor <> 0) AS unavailable,
            SUM("size") AS bytes
     FROM sys.segments WHERE is_published = 1 AND is_overshadowed = 0`,
    segmentsRow,
  );
  const { used, unavailable, bytes } = row ?? { used: 0, unavailable: 0, bytes: 0 };
  return { event: 'segments', at_ms: atMs, used, unavailable, bytes: bytes ?? 0 };
}
