/** `npm run canary`: measures freshness until it is told to stop. Exit status: 1 failure, 2 wrong usage. */
import pino from 'pino';

import { runProgram } from '../command-line/run-program.ts';
import { stopOnRequest } from '../command-line/stop-requests.ts';
import { gridClock } from '../core/clock/grid-clock.ts';
import { Heartbeat } from '../core/clock/heartbeat.ts';
import { DruidApi } from '../druid/api.ts';
import { nowSeconds } from '../druid/power-now.ts';
import { kafkaClient, type KafkaLog } from '../kafka/client.ts';
import { KafkaJsSink } from '../kafka/producer/kafkajs-sink.ts';
import { reasonOf } from '../kafka/producer/send-errors.ts';
import { runCanary } from './canary.ts';
import { type CanarySettings, druidLogin, parseCommandLine } from './command-line.ts';
import type { CanaryEvent } from './events.ts';
import { askGridFigures } from './grid-figures.ts';
import { newestOf, QUERY_TIMEOUT_MS } from './newest.ts';
import { Others, topicEnd } from './others.ts';

async function main(settings: CanarySettings): Promise<void> {
  const logger = pino({ level: settings.verbose ? 'debug' : 'error' }, pino.destination({ fd: 2, sync: true }));
  const api = new DruidApi({ url: settings.druid, timeoutMs: QUERY_TIMEOUT_MS, ...druidLogin(settings) });
  const clock = gridClock(settings.speed);
  const stop = new AbortController();
  stopOnRequest(() => stop.abort(), settings.untilStdinCloses);
  const print = settings.log === 'json' ? (event: CanaryEvent) => JSON.stringify(event) : describe;
  const { topic } = settings;
  const kafka = { brokers: settings.brokers, auth: settings.auth, region: settings.region, clientId: 'igrid-canary' };
  const log: KafkaLog = (level, message) => logger.debug({ level }, message);
  const heartbeat = new Heartbeat();
  const admin = kafkaClient(kafka, log, { retries: 0 });
  await runCanary({
    sink: new KafkaJsSink({ kafka, topic, heartbeat, connectTimeoutMs: settings.connectTimeout, log }),
    others: new Others((sinceMs) => topicEnd(admin, topic, sinceMs)),
    heartbeat,
    ask: {
      powerraw: (sinceMs) => newestOf(api, 'powerraw', sinceMs),
      dutycycle: (sinceMs) => newestOf(api, 'dutycycle', sinceMs),
    },
    ...(settings.figures !== undefined && {
      figures: { everyMs: settings.figures, ask: () => askGridFigures(api, nowSeconds(clock)) },
    }),
    intervalMs: settings.interval,
    maxGapMs: clock.maxGapMs,
    emit: (event) => process.stdout.write(`${print(event)}\n`),
    signal: stop.signal,
    complain: (error) => logger.debug(reasonOf(error)),
  });
}

function describe(event: CanaryEvent): string {
  const time = new Date(event.at_ms).toISOString().slice(11, 19);
  switch (event.event) {
    case 'started':
      return `${time} canary ready`;
    case 'freshness':
      return `${time} ${event.data_source} seen after ${event.ms} ms`;
    case 'grid':
      return `${time} ${event.power_kw.toFixed(1)} kW, of which ${event.sheddable_kw.toFixed(1)} kW could be shed`;
    case 'progress':
    case 'stopped':
      return (
        `${time} ${event.event}: ${event.sent} sent, ${event.acknowledged} acknowledged, ` +
        `${event.failed_queries} questions unanswered`
      );
  }
}

await runProgram('canary', parseCommandLine, main);
