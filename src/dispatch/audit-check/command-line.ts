import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';

import { addKafkaOptions, checkKafkaOptions, kafkaShape } from '../../command-line/kafka-options.ts';
import { refuseOptionsOfNpm } from '../../command-line/npm-options.ts';
import { path } from '../../command-line/option-parsers.ts';
import type { ChainHead } from '../audit/chain.ts';
import { parseHead } from './verify.ts';

const settingsSchema = z.object({
  ...kafkaShape,
  brokers: kafkaShape.brokers.optional(),
  file: z.string().optional(),
  save: z.string().optional(),
  group: z.string(),
  head: z.custom<ChainHead>((value) => typeof value === 'object').optional(),
});

export type AuditSettings = z.infer<typeof settingsSchema>;

/** @throws CommanderError for `--help` (its exit code is 0) and for wrong usage, after printing why. */
export function parseCommandLine(args: readonly string[]): AuditSettings {
  const command = new Command('shed:audit')
    .description(
      'Verifies the audit trail of demand response. Exit status: 0 whole, 1 broken or not read, 2 wrong usage.',
    )
    .option('--file <file>', 'a trail that --save has written, instead of the topic', path)
    .option('--save <file>', 'keep the records of the topic in a file, one a line', path)
    .option('--head <index:sha256>', 'the head as printed before: the trail must reach it', head)
    .option('--group <name>', 'consumer group to read as; commits nothing', 'igrid-audit')
    .allowExcessArguments(false)
    .exitOverride();
  addKafkaOptions(command);
  for (const option of command.options) {
    // A file needs no brokers.
    if (option.long === '--brokers') {
      option.makeOptionMandatory(false);
    }
  }
  refuseOptionsOfNpm(command, 'npm run shed:audit');
  command.parse([...args], { from: 'user' });
  const settings = settingsSchema.parse(command.opts());
  checkKafkaOptions(command, settings);
  if ((settings.file === undefined) === (settings.brokers === undefined)) {
    command.error('error: give either --brokers or --file');
  }
  if (settings.file !== undefined && settings.save !== undefined) {
    command.error('error: --save keeps the records of the topic: leave out --file');
  }
  return settings;
}

function head(text: string): ChainHead {
  const parsed = parseHead(text);
  if (!parsed) {
    throw new InvalidArgumentError('It must be an index, a colon and 64 hexadecimal digits, as printed at the end.');
  }
  return parsed;
}
