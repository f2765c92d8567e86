/** Command-line options that several programs share: how to reach Kafka, and how a program that keeps running reports. */
import { type Command, Option } from 'commander';
import { z } from 'zod';

import { KAFKA_AUTH, type KafkaAuth } from '../core/kafka-auth.ts';
import { brokers, timeout } from './option-parsers.ts';

/** What {@link addKafkaOptions} gives. */
export const kafkaShape = {
  brokers: z.array(z.string()).nonempty(),
  auth: z.enum(KAFKA_AUTH),
  region: z.string().optional(),
  verbose: z.boolean(),
};

/** What {@link addRunningOptions} gives. Durations in ms. */
export const runningShape = {
  connectTimeout: z.number(),
  log: z.enum(['json', 'text']),
  untilStdinCloses: z.boolean(),
};

/** Adds --brokers, --auth, --region and --verbose. */
export function addKafkaOptions(command: Command): Command {
  return command
    .requiredOption('--brokers <host:port,...>', 'at least one broker', brokers)
    .addOption(new Option('--auth <kind>', 'client authentication').choices(KAFKA_AUTH).default('none'))
    .option('--region <name>', 'AWS region of the cluster, with --auth iam')
    .option('--verbose', 'every complaint of the Kafka client, and stack traces', false);
}

/** Adds --connect-timeout, --log and --until-stdin-closes, for programs that run until they are told to stop. */
export function addRunningOptions(command: Command): Command {
  return command
    .option('--connect-timeout <duration>', 'how long brokers may take to answer at first', timeout, 30_000)
    .addOption(new Option('--log <format>', 'how to report').choices(['json', 'text']).default('text'))
    .option('--until-stdin-closes', 'stop when standard input ends, so that it does not outlive who started it', false);
}

/** Refuses what does not go together. @throws CommanderError after printing why. */
export function checkKafkaOptions(command: Command, settings: { auth: KafkaAuth; region?: string | undefined }): void {
  if (settings.auth === 'iam' && settings.region === undefined) {
    command.error('error: --auth iam needs --region');
  }
}
