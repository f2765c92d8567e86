/** The history program's command line: what may be given, what it means, and what it is when it isn't given. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { parseDuration } from '../clock/duration.ts';
import { DEFAULT_SPEED, SPEED_RANGE } from '../clock/grid-clock.ts';
import { DEFAULT_DAYS } from './schedule.ts';

/** More days are more columns of one query, and more than a month of readings is rarely kept. */
const MOST_DAYS = 31;

const settingsSchema = z.object({
  slot: z.int(),
  speed: z.number(),
  days: z.int(),
  brokers: z.array(z.string()).nonempty(),
  auth: z.enum(['none', 'iam']),
  region: z.string().optional(),
  druid: z.url(),
  druidUser: z.string().optional(),
  druidPasswordFile: z.string().optional(),
  id: z.string(),
  queryTimeout: z.number(),
  transactionTimeout: z.number(),
  patience: z.number(),
  status: z.string().optional(),
  verbose: z.boolean(),
});
/** The command line, understood and checked. Durations in ms of the wall clock. */
export type HistorySettings = z.infer<typeof settingsSchema>;

/**
 * Reads the arguments after the program's name.
 *
 * @throws CommanderError for `--help` (its exit code is 0) and for wrong usage, after printing why.
 */
export function parseCommandLine(args: readonly string[]): HistorySettings {
  const command = new Command('history')
    .description('Writes what every appliance usually draws at one time of day, from Druid to topic history.')
    .requiredOption('--slot <time>', 'the moment, ISO 8601 or ms since 1970', instant)
    .option('--speed <factor>', 'grid seconds per second, 1 to 120', speed, DEFAULT_SPEED)
    .option('--days <number>', `grid days to look back, 1 to ${MOST_DAYS}`, days, DEFAULT_DAYS)
    .requiredOption('--brokers <host:port,...>', 'at least one broker', brokers)
    .addOption(new Option('--auth <kind>', 'how to convince the brokers').choices(['none', 'iam']).default('none'))
    .option('--region <name>', 'AWS region of the cluster, with --auth iam')
    .requiredOption('--druid <url>', "address of Druid's Router", address)
    .option('--druid-user <name>', 'who asks Druid (default: nobody in particular)')
    .option('--druid-password-file <file>', "a file with that user's password")
    .option(
      '--id <name>',
      'names the schedule to Kafka: transactional id and consumer group; one per grid',
      'igrid-history',
    )
    .option('--query-timeout <duration>', "how long Druid's query may take", duration, 120_000)
    .option('--transaction-timeout <duration>', 'after this Kafka drops what a dead run left', duration, 300_000)
    .option('--patience <duration>', 'how long Druid may take to catch up with powerraw', duration, 45_000)
    .option('--status <file>', 'where to note the last success and the sums over all runs, JSON')
    .option('--verbose', 'every complaint of the Kafka client, and stack traces', false)
    .allowExcessArguments(false)
    .exitOverride();
  command.parse([...args], { from: 'user' });
  const settings = settingsSchema.parse(command.opts());
  const wrong = (message: string): never => command.error(`error: ${message}`);
  if (settings.auth === 'iam' && settings.region === undefined) wrong('--auth iam needs --region');
  if ((settings.druidUser === undefined) !== (settings.druidPasswordFile === undefined)) {
    wrong('--druid-user and --druid-password-file go together');
  }
  return settings;
}

function instant(text: string): number {
  const ms = /^\d+$/.test(text)
    ? Number(text)
    : z.iso.datetime({ offset: true }).safeParse(text).success && Date.parse(text);
  if (ms === false || !Number.isSafeInteger(ms)) {
    throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z, or ms since 1970.');
  }
  return ms;
}

function speed(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= SPEED_RANGE.min && value <= SPEED_RANGE.max)) {
    throw new InvalidArgumentError(`It must be ${SPEED_RANGE.min} to ${SPEED_RANGE.max}.`);
  }
  return value;
}

function days(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > MOST_DAYS) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_DAYS}.`);
  }
  return value;
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `Please: ${error.message}.` : String(error));
  }
}

function brokers(text: string): string[] {
  const list = text.split(',').map((broker) => broker.trim());
  if (!list.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker))) {
    throw new InvalidArgumentError('It must be host:port, with commas between several.');
  }
  return list;
}

function address(text: string): string {
  const url = z.url({ protocol: /^https?$/ }).safeParse(text);
  if (!url.success) throw new InvalidArgumentError('It must be an address such as http://127.0.0.1:8888.');
  return url.data;
}
