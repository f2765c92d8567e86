/** The canary's command line. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

import { TOPICS } from '../messages/topics.ts';
import { brokers, duration } from '../replay/option-parsers.ts';

const settingsSchema = z.object({
  brokers: z.array(z.string()).nonempty(),
  druid: z.url(),
  druidUser: z.string().optional(),
  druidPasswordFile: z.string().optional(),
  interval: z.number(),
  topic: z.string(),
  auth: z.enum(['none', 'iam']),
  region: z.string().optional(),
  connectTimeout: z.number(),
  log: z.enum(['json', 'text']),
  untilStdinCloses: z.boolean(),
  verbose: z.boolean(),
});
/** The command line, understood and checked. Durations in ms. */
export type CanarySettings = z.infer<typeof settingsSchema>;

/**
 * Reads the arguments after the program's name.
 *
 * @throws CommanderError for `--help` (its exit code is 0) and for wrong usage, after printing why.
 */
export function parseCommandLine(args: readonly string[]): CanarySettings {
  const command = new Command('canary')
    .description('Measures how long a reading takes from Kafka to a query: sends one a second and asks Druid for it.')
    .requiredOption('--brokers <host:port,...>', 'at least one broker', brokers)
    .requiredOption(
      '--druid <url>',
      "address of Druid's Router; a private CA is trusted by NODE_EXTRA_CA_CERTS",
      address,
    )
    .option('--druid-user <name>', 'who asks Druid (default: nobody in particular)')
    .option('--druid-password-file <file>', "a file with that user's password")
    .option('--interval <duration>', 'how often to send: whole seconds, as Druid stores readings', wholeSeconds, 1_000)
    .option('--topic <name>', 'where to', TOPICS.powerraw)
    .addOption(new Option('--auth <kind>', 'how to convince the brokers').choices(['none', 'iam']).default('none'))
    .option('--region <name>', 'AWS region of the cluster, with --auth iam')
    .option('--connect-timeout <duration>', 'how long brokers may take to answer at first', duration, 30_000)
    .addOption(new Option('--log <format>', 'how to report').choices(['json', 'text']).default('text'))
    .option('--until-stdin-closes', 'stop when standard input ends', false)
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

/** Who asks Druid, if anybody in particular. @throws Error when the password's file can't be read. */
export function druidLogin(settings: CanarySettings): { login?: { user: string; password: string } } {
  const { druidUser, druidPasswordFile } = settings;
  if (druidUser === undefined || druidPasswordFile === undefined) return {};
  return { login: { user: druidUser, password: readFileSync(druidPasswordFile, 'utf8').trim() } };
}

function wholeSeconds(text: string): number {
  const ms = duration(text);
  if (ms < 1_000 || ms % 1_000 !== 0) throw new InvalidArgumentError('It must be whole seconds, 1s or more.');
  return ms;
}

function address(text: string): string {
  const url = z.url({ protocol: /^https?$/ }).safeParse(text);
  if (!url.success) throw new InvalidArgumentError('It must be an address such as http://127.0.0.1:8888.');
  return url.data;
}
