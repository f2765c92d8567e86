/** The replay's command line: what may be given, what it means, and what it is when it isn't given. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

import {
  addKafkaOptions,
  addRunningOptions,
  checkKafkaOptions,
  kafkaShape,
  runningShape,
} from '../command-line/kafka-options.ts';
import { refuseOptionsOfNpm } from '../command-line/npm-options.ts';
import { duration, once, speed, timeZone, watts, wholeNumber } from '../command-line/option-parsers.ts';
import { DEFAULT_SPEED } from '../core/clock/grid-clock.ts';
import { DEFAULT_MAX_POWER_W } from '../core/limits.ts';
import { TOPICS } from '../core/messages/topics.ts';
import { CODECS } from '../kafka/producer/compression.ts';
import { COMPRESSIONS } from '../kafka/producer/exactly-once-producer.ts';
import type { Span } from './spans.ts';

/** `direct`: src/kafka/producer. `kafkajs`: its public producer, which is the reference. */
const SINKS = ['direct', 'kafkajs'] as const;

const spanSchema = z.object({ fromMs: z.int(), toMs: z.int() });

const settingsSchema = z.object({
  ...kafkaShape,
  ...runningShape,
  redd: z.string().optional(),
  greend: z.string().optional(),
  reddTimezone: z.string().optional(),
  greendTimezone: z.string().optional(),
  maxPower: z.number(),
  from: z.int().nonnegative(),
  to: z.int().positive(),
  speed: z.number(),
  seed: z.string(),
  epoch: z.int().optional(),
  backfill: z.number(),
  backfillOthers: z.number(),
  backfillSkip: z.array(spanSchema),
  backfillOthersSkip: z.array(spanSchema),
  for: z.number().optional(),
  unpaced: z.boolean(),
  readings: z.int().positive(),
  topic: z.string(),
  sink: z.enum(SINKS),
  compression: z.enum(CODECS),
  drainTimeout: z.number(),
});
/** The command line, understood and checked. Durations in ms; backfills in grid time. */
export type ReplaySettings = z.infer<typeof settingsSchema>;

/** What `npm run replay` takes. */
export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Replays data sets as live readings into Kafka.')
    .option('--redd <dir>', 'REDD low_freq data set (default: the sample data, if neither data set is given)', once)
    .option('--greend <dir>', 'GREEND data set', once)
    .option('--redd-timezone <zone>', "IANA zone of the data set's midnight (default: America/New_York)", timeZone)
    .option('--greend-timezone <zone>', "IANA zone of the data set's midnight (default: Europe/Rome)", timeZone)
    .option('--max-power <watts>', 'leave out readings above this as absurd', watts, DEFAULT_MAX_POWER_W)
    .option('--from <playback>', 'first playback; each starts that many days into the data', wholeNumber(0), 0)
    .option('--to <playback>', 'end of the playbacks, exclusive', wholeNumber(1), 1)
    .option('--speed <factor>', 'grid seconds per second, 1 to 120', speed, DEFAULT_SPEED)
    .option('--seed <text>', "seed of the playbacks' power factors", '1')
    .option(
      '--epoch <ms>',
      'when playback 0 is at its first midnight, ms since 1970; with the same value a replay continues where the clock is (default: now)',
      wholeNumber(0),
    )
    .option(
      '--backfill <duration>',
      'grid time of the first playback to replay before going live, e.g. 1d',
      duration,
      0,
    )
    .option('--backfill-others <duration>', 'the same for all other playbacks', duration, 0)
    .option(
      '--backfill-skip <from..to>',
      'ms since 1970 between which the first playback has readings already; repeatable',
      span,
      new Array<Span>(),
    )
    .option(
      '--backfill-others-skip <from..to>',
      'the same for all other playbacks; repeatable',
      span,
      new Array<Span>(),
    )
    .option('--for <duration>', 'stop after so much live time, e.g. 90s (default: never)', duration)
    .option('--unpaced', 'as fast as the brokers take it instead of live', false)
    .option('--readings <number>', 'with --unpaced: stop after about this many', wholeNumber(1), 1_000_000)
    .option('--topic <name>', 'target topic', TOPICS.powerraw)
    .addOption(new Option('--sink <way>', 'producer implementation').choices(SINKS).default('direct'))
    .addOption(new Option('--compression <codec>', 'of record batches').choices(CODECS).default('none'))
    .option('--drain-timeout <duration>', 'how long brokers may take to acknowledge the last ones', duration, 30_000)
    .allowExcessArguments(false)
    .exitOverride();
  return addRunningOptions(addKafkaOptions(command));
}

/**
 * Reads the arguments after the program's name.
 *
 * @throws CommanderError for `--help` (its exit code is 0) and for wrong usage, after printing why.
 */
export function parseCommandLine(args: readonly string[]): ReplaySettings {
  const command = replayCommand();
  refuseOptionsOfNpm(command, 'npm run replay');
  command.parse([...args], { from: 'user' });
  const settings = settingsSchema.parse(command.opts());
  const wrong = (message: string): never => command.error(`error: ${message}`);
  if (settings.to <= settings.from) {
    wrong(`--to ${settings.to} must be more than --from ${settings.from}`);
  }
  if (settings.sink === 'kafkajs' && !Object.hasOwn(COMPRESSIONS, settings.compression)) {
    wrong(`--sink kafkajs has no compression ${settings.compression}: ${Object.keys(COMPRESSIONS).join(' or ')}`);
  }
  checkKafkaOptions(command, settings);
  return settings;
}

function span(text: string, spans: Span[]): Span[] {
  const match = /^(?<from>\d+)\.\.(?<to>\d+)$/.exec(text);
  const fromMs = Number(match?.groups?.from);
  const toMs = Number(match?.groups?.to);
  if (!(fromMs < toMs)) {
    throw new InvalidArgumentError('It must be two instants, FROM..TO, in ms since 1970.');
  }
  return [...spans, { fromMs, toMs }];
}
