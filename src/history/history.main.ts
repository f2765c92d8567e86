/** `npm run history`: makes one slot of history. Exit status: 0 the slot is complete, 1 failure, 2 wrong usage. */
import { readFile } from 'node:fs/promises';

import kafkajs from 'kafkajs';
import pino from 'pino';

import { runProgram } from '../command-line/run-program.ts';
import { gridClock } from '../core/clock/grid-clock.ts';
import { DruidApi } from '../druid/api.ts';
import { kafkaClient } from '../kafka/client.ts';
import { type HistorySettings, parseCommandLine } from './command-line.ts';
import { HistoryError, reasonOf } from './errors.ts';
import { makeSlot } from './make-slot.ts';
import { historySchedule } from './schedule.ts';
import { type FinishedRun, readStatus, statusAfter, writeStatus } from './status-file.ts';

/** Coordinators of transactions move while brokers are patched: about 15 s of attempts. */
const KAFKA_RETRIES = 15;

async function main(settings: HistorySettings): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stop.abort(new HistoryError(`stopped by ${name}: nothing was written`)));
  }
  const logger = pino({ level: settings.verbose ? 'debug' : 'info' }, pino.destination({ fd: 2, sync: true }));
  const begun = Date.now();
  const slot = new Date(settings.slot).toISOString();
  const clock = gridClock(settings.speed);
  const { everyNth, halfWindowMs, intervalMs } = historySchedule(clock);
  if (everyNth > 1) {
    logger.info(`half a history window is ${halfWindowMs} ms at speed ${settings.speed}: every ${everyNth}. is a slot`);
  }
  const kafka = kafkaClient(
    { brokers: settings.brokers, auth: settings.auth, region: settings.region, clientId: 'igrid-history' },
    (level, message) => logger.debug({ level }, message),
    { retries: KAFKA_RETRIES },
  );
  const api = new DruidApi({
    url: settings.druid,
    timeoutMs: settings.queryTimeout,
    ...(settings.druidUser !== undefined && {
      login: { user: settings.druidUser, password: await password(settings.druidPasswordFile ?? '') },
    }),
  });

  const outcome = await makeSlot(api, kafka, {
    slotMs: settings.slot,
    clock,
    days: settings.days,
    writer: {
      transactionalId: settings.id,
      groupId: settings.id,
      transactionTimeoutMs: settings.transactionTimeout,
    },
    queryTimeoutMs: settings.queryTimeout,
    patienceMs: settings.patience,
    signal: stop.signal,
  }).catch((error: unknown) => {
    throw error instanceof kafkajs.KafkaJSError
      ? new HistoryError(`Kafka at ${settings.brokers.join(',')}: ${reasonOf(error)}`, { cause: error })
      : error;
  });

  const durationMs = Date.now() - begun;
  if (settings.status !== undefined) {
    const run = { slotMs: settings.slot, messages: outcome.messages, durationMs };
    await noteStatus(settings.status, run, (sentence) => logger.warn(sentence));
  }
  if (outcome.messages === 0) {
    logger.info(`no reading within ${clock.historyWindowMs} ms of ${slot} on any of the ${settings.days} days before`);
  } else if (!outcome.written) {
    logger.info(`the slot ${slot} is complete already`);
  }
  // The last line is the outcome: Airflow keeps it with the run.
  process.stdout.write(
    `${JSON.stringify({ event: 'slot', slot, ...outcome, interval_ms: intervalMs, duration_ms: durationMs })}\n`,
  );
}

/** The slot is complete, even when its status cannot be written. */
async function noteStatus(file: string, run: FinishedRun, warn: (sentence: string) => void): Promise<void> {
  try {
    await writeStatus(file, statusAfter(await readStatus(file, warn), run, Date.now()));
  } catch (error) {
    warn(`--status: ${file} can't be written (${reasonOf(error)}): make room, or name another file`);
  }
}

async function password(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trimEnd();
  } catch (error) {
    throw new HistoryError(`--druid-password-file: ${reasonOf(error)}`, { cause: error });
  }
}

await runProgram('history', parseCommandLine, main);
