/** Counts of everything that went through the deployment, held against each other once its producers have stopped. */
import { join } from 'node:path';

import { execa } from 'execa';
import { z } from 'zod';

import { type AuditEvent, auditEvent } from '../engines/audit/events.ts';
import { WATERMARK_MS } from '../src/core/clock/grid-clock.ts';
import { TOPICS } from '../src/core/messages/topics.ts';
import { parseJson } from '../src/core/parse-json.ts';
import { repositoryPath } from '../src/files/repository.ts';
import { stoppedEvent } from '../src/replay/events.ts';
import { CheckError } from './check.ts';
import type { Environment } from './environment.ts';
import { eventually } from './eventually.ts';
import { onHost } from './hosts.ts';
import { BROKERS, ends } from './topics.ts';

const ROOT = repositoryPath();

/** How long engines get, after the last reading, to catch up. */
const PATIENCE_MS = 240_000;

/** What makes readings and history; stopped while counts are taken. */
const PRODUCERS = { replay: 'igrid-replay', airflow: 'igrid-canary igrid-airflow-scheduler' } as const;

export interface Counted {
  /** Readings that the replay's processes said were acknowledged as they stopped in order. */
  readonly acknowledged: number;
  /** Records of the topics, counted by reading them; distinct windows and slots. */
  readonly kafka: AuditEvent;
  readonly druid: {
    readonly powerraw: number;
    readonly replayed: number;
    readonly dutycycle: number;
    readonly history: number;
  };
}

/**
 * Stops the producers, waits until Spark and Druid have caught up, holds all counts against each other, and lets the
 * producers go on.
 *
 * @param environment when the deployment began, and its clock.
 * @param isWhole whether the replay has only ever stopped in order: then what it says must be what there is.
 * @throws CheckError that names each disagreement.
 */
export async function reconcile(
  environment: Pick<Environment, 'beganMs' | 'clock'>,
  isWhole: boolean,
): Promise<Counted> {
  await eachProducer('stop');
  try {
    const said = await onHost('replay', 'grep -h \'"event":"stopped"\' /var/log/igrid-replay/replay.log || true');
    const stopped = said.split('\n').flatMap((line) => (line === '' ? [] : [stoppedEvent.parse(JSON.parse(line))]));
    const acknowledged = stopped.reduce((sum, event) => sum + event.acknowledged, 0);
    const failed = stopped.reduce((sum, event) => sum + event.failed, 0);
    if (failed > 0) {
      throw new CheckError(`the replay gave up ${failed} readings`);
    }
    let wrong: string[] = ['nothing was counted'];
    return await eventually(
      async () => {
        const counted = { acknowledged, kafka: await audit(environment), druid: await druidCounts() };
        wrong = disagreements(counted, isWhole);
        return wrong.length === 0 && counted;
      },
      { timeoutMs: PATIENCE_MS },
      () => `counts disagree: ${wrong.join('; ')}`,
    );
  } finally {
    await eachProducer('start');
  }
}

/** In words, for the report. */
export function describe({ acknowledged, kafka, druid }: Counted): string {
  const { windows, records, history } = kafka;
  return [
    `readings: ${acknowledged} acknowledged, ${records.powerraw} in Kafka with the canary's, ${druid.powerraw} in Druid`,
    `windows: ${windows.expected} expected, ${windows.found} in Kafka (${windows.repeats} repeats), ${druid.dutycycle} in Druid`,
    `history: ${history.found} in Kafka, ${druid.history} in Druid`,
  ].join('; ');
}

/** @returns the expectations that do not hold, a few words each. */
export function disagreements({ acknowledged, kafka, druid }: Counted, isWhole: boolean): string[] {
  const { records, windows, history } = kafka;
  const expectations: readonly (readonly [holds: boolean, otherwise: string])[] = [
    [druid.powerraw === records.powerraw, `Kafka has ${records.powerraw} readings, Druid ${druid.powerraw}`],
    [
      isWhole ? druid.replayed === acknowledged : druid.replayed >= acknowledged,
      `the replay had ${acknowledged} readings acknowledged, Druid has ${druid.replayed} of them`,
    ],
    [records.powerraw > 0 && windows.expected > 0, 'there is nothing to compare'],
    [windows.missing === 0, `${windows.missing} windows are missing in Kafka`],
    [windows.unexpected === 0, `${windows.unexpected} windows in Kafka are of no reading`],
    [!isWhole || windows.repeats === 0, `${windows.repeats} windows came twice`],
    [druid.dutycycle === windows.found, `Kafka has ${windows.found} windows, Druid ${druid.dutycycle}`],
    [history.repeats === 0, `${history.repeats} appliances came twice in a slot of history`],
    [druid.history === history.found, `Kafka has ${history.found} messages of history, Druid ${druid.history}`],
    [records.deadletter === 0, `${records.deadletter} dead letters`],
  ];
  return expectations.flatMap(([holds, otherwise]) => (holds ? [] : [otherwise]));
}

async function eachProducer(verb: 'start' | 'stop'): Promise<void> {
  await Promise.all(
    Object.entries(PRODUCERS).map(([word, units]) => onHost(word, `set -e; systemctl ${verb} ${units}`)),
  );
}

/** Reads all topics from their beginnings, as the local grid's auditor does: it shares nothing with the engines. */
async function audit({ beganMs, clock }: Pick<Environment, 'beganMs' | 'clock'>): Promise<AuditEvent> {
  const wanted = await ends();
  const from = Object.fromEntries(
    Object.entries(wanted).map(([topic, partitions]) => [
      topic,
      Object.fromEntries(Object.keys(partitions).map((partition) => [partition, 0])),
    ]),
  );
  const auditor = execa(
    process.execPath,
    [
      ...['--import', 'tsx', join(ROOT, 'engines/audit/audit.main.ts')],
      ...['--brokers', BROKERS, '--from', JSON.stringify(from)],
      ...['--stream-from', JSON.stringify(from[TOPICS.powerraw]), '--live-from', String(beganMs)],
      ...['--slide', String(clock.slideMs), '--watermark', String(WATERMARK_MS)],
    ],
    { cwd: ROOT, timeout: PATIENCE_MS, forceKillAfterDelay: 5_000, reject: false },
  );
  let last: AuditEvent | undefined;
  for await (const line of auditor) {
    last = auditEvent.parse(JSON.parse(line));
    if (hasReached(last, wanted)) {
      auditor.kill('SIGTERM');
      break;
    }
  }
  await auditor;
  if (last === undefined || !hasReached(last, wanted)) {
    throw new CheckError('the auditor could not read the topics to their ends');
  }
  return last;
}

function hasReached({ positions }: AuditEvent, wanted: Record<string, Record<string, number>>): boolean {
  return Object.entries(wanted).every(([topic, partitions]) =>
    Object.entries(partitions).every(([partition, end]) => (positions[topic]?.[partition] ?? 0) >= end),
  );
}

/** Asked of Druid on its host, over its own TLS, by name. */
async function druidCounts(): Promise<Counted['druid']> {
  return {
    powerraw: await druidNumber('SELECT SUM("count") AS n FROM powerraw'),
    replayed: await druidNumber(`SELECT SUM("count") AS n FROM powerraw WHERE house_id <> '0_canary'`),
    dutycycle: await druidNumber('SELECT COUNT(*) AS n FROM (SELECT 1 FROM dutycycle GROUP BY appliance_id, __time)'),
    history: await druidNumber('SELECT COUNT(*) AS n FROM (SELECT 1 FROM history GROUP BY appliance_id, __time)'),
  };
}

/** The one number that a query answers with; 0 for a data source that has no row yet, -1 while Druid does not answer. */
export async function druidNumber(sql: string): Promise<number> {
  const body = JSON.stringify(JSON.stringify({ query: sql })).slice(1, -1);
  const answer = await onHost(
    'druid',
    [
      'set -eu; set -a; source /etc/igrid/settings; set +a',
      `curl --silent --max-time 30 --cacert /etc/igrid/ca.pem --header 'Content-Type: application/json' \\`,
      `  --data "${body.replaceAll('`', '\\`').replaceAll('$', '\\$')}" "$DRUID_URL/druid/v2/sql" || true`,
    ].join('\n'),
  );
  const rows = z.array(z.object({ n: z.number().nullable() })).safeParse(parseJson(answer));
  if (rows.success) {
    return rows.data[0]?.n ?? 0;
  }
  return /not found within|INVALID_INPUT/.test(answer) ? 0 : -1;
}
