/** `npm run replay`: replays data sets into Kafka until it is told to stop. Exit status: 1 failure, 2 wrong usage. */
import pino from 'pino';

import { runProgram } from '../command-line/run-program.ts';
import { stopOnRequest } from '../command-line/stop-requests.ts';
import { Heartbeat } from '../core/clock/heartbeat.ts';
import { DirectSink } from '../kafka/producer/direct-sink.ts';
import { KafkaJsSink } from '../kafka/producer/kafkajs-sink.ts';
import { parseCommandLine, type ReplaySettings } from './command-line.ts';
import type { ReplayEvent } from './events.ts';
import { Replay } from './replay.ts';
import { DATA_SETS_OF_THE_SAMPLE, replayHouses } from './replay-houses.ts';
import { describeEvent } from './text-log.ts';

async function main(settings: ReplaySettings): Promise<void> {
  const logger = pino({ level: settings.verbose ? 'debug' : 'error' }, pino.destination({ fd: 2, sync: true }));
  const isNamed = settings.redd !== undefined || settings.greend !== undefined;
  const warnings: string[] = [];
  const { houses, nameOf } = await replayHouses(isNamed ? settings : DATA_SETS_OF_THE_SAMPLE, {
    maxPowerW: settings.maxPower,
    warn: (message) => {
      warnings.push(message);
      process.stderr.write(`${message}\n`);
    },
  });
  const heartbeat = new Heartbeat();
  const options = {
    heartbeat,
    kafka: { brokers: settings.brokers, auth: settings.auth, region: settings.region, clientId: 'igrid-replay' },
    topic: settings.topic,
    connectTimeoutMs: settings.connectTimeout,
    // The Kafka client complains about every attempt; what matters shows in the counts and in how late the replay is.
    log: (level: string, message: string) => logger.debug({ level }, message),
  };
  const { compression } = settings;
  const sink =
    settings.sink === 'direct'
      ? new DirectSink({ ...options, compression })
      : new KafkaJsSink({ ...options, compression: compression === 'gzip' ? 'gzip' : 'none' });
  const print = settings.log === 'json' ? (event: ReplayEvent) => JSON.stringify(event) : describeEvent;
  const replay = new Replay({
    ...settings,
    houses,
    nameOf,
    warnings,
    epochMs: settings.epoch,
    backfillMs: settings.backfill,
    othersBackfillMs: settings.backfillOthers,
    skipSpans: settings.backfillSkip,
    othersSkipSpans: settings.backfillOthersSkip,
    forMs: settings.for,
    unpaced: settings.unpaced ? { readings: settings.readings } : undefined,
    drainMs: settings.drainTimeout,
    sink,
    heartbeat,
    emit: (event) => process.stdout.write(`${print(event)}\n`),
  });
  stopOnRequest((reason) => replay.stop(reason), settings.untilStdinCloses);
  await replay.run();
}

await runProgram('replay', parseCommandLine, main);
