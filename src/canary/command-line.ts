/** The canary's command line. */
import { readFileSync } from 'node:fs';

import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';

import {
  addKafkaOptions,
  addRunningOptions,
  checkKafkaOptions,
  kafkaShape,
  runningShape,
} from '../command-line/kafka-options.ts';
import { refuseOptionsOfNpm } from '../command-line/npm-options.ts';
import { duration, speed, webAddress } from '../command-line/option-parsers.ts';
import { DEFAULT_SPEED } from '../core/clock/grid-clock.ts';
import { TOPICS } from '../core/messages/topics.ts';

const settingsSchema = z.object({
  ...kafkaShape,
  ...runningShape,
  druid: z.url(),
  druidUser: z.string().optional(),
  druidPasswordFile: z.string().optional(),
  interval: z.number(),
  topic: z.string(),
  figures: z.number().optional(),
  speed: z.number(),
});
/** The command line, understood and checked. Durations in ms. */
export type CanarySettings = z.infer<typeof settingsSchema>;

/** What `npm run canary` takes. */
export function canaryCommand(): Command {
  const command = new Command('canary')
    .description('Measures how long a reading takes from Kafka to a query: sends one a second and asks Druid for it.')
    .requiredOption(
      '--druid <url>',
      "address of Druid's Router; a private CA is trusted by NODE_EXTRA_CA_CERTS",
      webAddress,
    )
    .option('--druid-user <name>', 'Druid user (default: unauthenticated)')
    .option('--druid-password-file <file>', "a file with that user's password")
    .option('--interval <duration>', 'how often to send: whole seconds, as Druid stores readings', wholeSeconds, 1_000)
    .option('--topic <name>', 'target topic', TOPICS.powerraw)
    .option('--figures <duration>', 'how often to report power and shed capacity (default: never)', wholeSeconds)
    .option(
      '--speed <factor>',
      'grid seconds per second: for the figures, and for how long a reading may stand',
      speed,
      DEFAULT_SPEED,
    )
    .allowExcessArguments(false)
    .exitOverride();
  return addRunningOptions(addKafkaOptions(command));
}

/**
 * Reads the arguments after the program's name.
 *
 * @throws CommanderError for `--help` (its exit code is 0) and for wrong usage, after printing why.
 */
export function parseCommandLine(args: readonly string[]): CanarySettings {
  const command = canaryCommand();
  refuseOptionsOfNpm(command, 'npm run canary');
  command.parse([...args], { from: 'user' });
  const settings = settingsSchema.parse(command.opts());
  const wrong = (message: string): never => command.error(`error: ${message}`);
  checkKafkaOptions(command, settings);
  if ((settings.druidUser === undefined) !== (settings.druidPasswordFile === undefined)) {
    wrong('--druid-user and --druid-password-file go together');
  }
  return settings;
}

/** Who asks Druid, if anybody in particular. @throws Error when the password's file can't be read. */
export function druidLogin(settings: CanarySettings): { login?: { user: string; password: string } } {
  const { druidUser, druidPasswordFile } = settings;
  if (druidUser === undefined || druidPasswordFile === undefined) {
    return {};
  }
  return { login: { user: druidUser, password: readFileSync(druidPasswordFile, 'utf8').trim() } };
}

function wholeSeconds(text: string): number {
  const ms = duration(text);
  if (ms < 1_000 || ms % 1_000 !== 0) {
    throw new InvalidArgumentError('It must be whole seconds, 1s or more.');
  }
  return ms;
}
