/** `npm run canary`: measures freshness until it is told to stop. Exit status: 1 failure, 2 wrong usage. */
import { CommanderError } from 'commander';
import pino from 'pino';

import { DruidApi } from '../druid/api.ts';
import { KafkaJsSink } from '../replay/kafkajs-sink.ts';
import { reasonOf } from '../replay/send-errors.ts';
import { stopOnRequest } from '../replay/stop-requests.ts';
import { runCanary } from './canary.ts';
import { druidLogin, parseCommandLine, type CanarySettings } from './command-line.ts';
import type { CanaryEvent } from './events.ts';
import { newestOf, QUERY_TIMEOUT_MS } from './newest.ts';

async function main(settings: CanarySettings): Promise<void> {
  const logger = pino({ level: settings.verbose ? 'debug' : 'error' }, pino.destination({ fd: 2, sync: true }));
  const api = new DruidApi({ url: settings.druid, timeoutMs: QUERY_TIMEOUT_MS, ...druidLogin(settings) });
  const stop = new AbortController();
  stopOnRequest(() => stop.abort(), settings.untilStdinCloses);
  const print = settings.log === 'json' ? (event: CanaryEvent) => JSON.stringify(event) : describe;
  await runCanary({
    sink: new KafkaJsSink({
      kafka: { brokers: settings.brokers, auth: settings.auth, region: settings.region, clientId: 'igrid-canary' },
      topic: settings.topic,
      connectTimeoutMs: settings.connectTimeout,
      log: (level, message) => logger.debug({ level }, message),
    }),
    ask: {
      powerraw: (sinceMs) => newestOf(api, 'powerraw', sinceMs),
      dutycycle: (sinceMs) => newestOf(api, 'dutycycle', sinceMs),
    },
    intervalMs: settings.interval,
    emit: (event) => process.stdout.write(`${print(event)}\n`),
    signal: stop.signal,
    complain: (error) => logger.debug(reasonOf(error)),
  });
}

function describe(event: CanaryEvent): string {
  const time = new Date(event.at_ms).toISOString().slice(11, 19);
  switch (event.event) {
    case 'started':
      return `${time} the canary sings`;
    case 'freshness':
      return `${time} ${event.data_source} seen after ${event.ms} ms`;
    case 'progress':
    case 'stopped':
      return (
        `${time} ${event.event}: ${event.sent} sent, ${event.acknowledged} acknowledged, ` +
        `${event.failed_queries} questions unanswered`
      );
  }
}

let verbose = process.argv.includes('--verbose');
try {
  const settings = parseCommandLine(process.argv.slice(2));
  verbose = settings.verbose;
  await main(settings);
  process.exitCode = 0;
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`canary: ${verbose && error instanceof Error ? error.stack : reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}
// The Kafka client may be in the middle of an attempt that nobody waits for; standard output may be a slow pipe.
process.stdout.write('', () => process.exit());
