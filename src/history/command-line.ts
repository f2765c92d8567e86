/** The history program's command line: what may be given, what it means, and what it is when it isn't given. */
import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';

import { addKafkaOptions, checkKafkaOptions, kafkaShape } from '../command-line/kafka-options.ts';
import { refuseOptionsOfNpm } from '../command-line/npm-options.ts';
import { speed, timeout, webAddress } from '../command-line/option-parsers.ts';
import { DEFAULT_SPEED } from '../core/clock/grid-clock.ts';
import { HISTORY_ID } from './identity.ts';
import { DEFAULT_DAYS } from './schedule.ts';

/** More days are more columns of one query, and more than a month of readings is rarely kept. */
const MOST_DAYS = 31;

const settingsSchema = z.object({
  ...kafkaShape,
  slot: z.int(),
  speed: z.number(),
  days: z.int(),
  druid: z.url(),
  druidUser: z.string().optional(),
  druidPasswordFile: z.string().optional(),
  id: z.string(),
  queryTimeout: z.number(),
  transactionTimeout: z.number(),
  patience: z.number(),
  status: z.string().optional(),
});
/** The command line, understood and checked. Durations in ms of the wall clock. */
export type HistorySettings = z.infer<typeof settingsSchema>;

/** What `npm run history` takes. */
export function historyCommand(): Command {
  const command = new Command('history')
    .description('Writes what every appliance usually draws at one time of day, from Druid to topic history.')
    .requiredOption('--slot <time>', 'the moment, ISO 8601 or ms since 1970', instant)
    .option('--speed <factor>', 'grid seconds per second, 1 to 120', speed, DEFAULT_SPEED)
    .option('--days <number>', `grid days to look back, 1 to ${MOST_DAYS}`, days, DEFAULT_DAYS)
    .requiredOption('--druid <url>', "address of Druid's Router", webAddress)
    .option('--druid-user <name>', 'Druid user (default: unauthenticated)')
    .option('--druid-password-file <file>', "a file with that user's password")
    .option('--id <name>', 'names the schedule to Kafka: transactional id and consumer group; one per grid', HISTORY_ID)
    .option('--query-timeout <duration>', "how long Druid's query may take", timeout, 120_000)
    .option(
      '--transaction-timeout <duration>',
      'after this Kafka aborts the transaction of a dead run',
      timeout,
      300_000,
    )
    .option('--patience <duration>', 'how long Druid may take to catch up with powerraw', timeout, 45_000)
    .option('--status <file>', 'where to note the last success and the sums over all runs, JSON')
    .allowExcessArguments(false)
    .exitOverride();
  return addKafkaOptions(command);
}

/**
 * Reads the arguments after the program's name.
 *
 * @throws CommanderError for `--help` (its exit code is 0) and for wrong usage, after printing why.
 */
export function parseCommandLine(args: readonly string[]): HistorySettings {
  const command = historyCommand();
  refuseOptionsOfNpm(command, 'npm run history');
  command.parse([...args], { from: 'user' });
  const settings = settingsSchema.parse(command.opts());
  const wrong = (message: string): never => command.error(`error: ${message}`);
  checkKafkaOptions(command, settings);
  if ((settings.druidUser === undefined) !== (settings.druidPasswordFile === undefined)) {
    wrong('--druid-user and --druid-password-file go together');
  }
  return settings;
}

function instant(text: string): number {
  const ms = /^\d+$/.test(text)
    ? Number(text)
    : z.iso.datetime({ offset: true }).safeParse(text).success && Date.parse(text);
  if (ms === false || Number.isNaN(new Date(ms).getTime())) {
    throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z, or ms since 1970.');
  }
  return ms;
}

function days(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > MOST_DAYS) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_DAYS}.`);
  }
  return value;
}
