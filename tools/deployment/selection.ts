import { resolve } from 'node:path';

import { Command } from 'commander';

import { ConfigError, loadConfig } from '../../lib/config/load.ts';
import { DEFAULT_PRESET, PRESETS } from '../../lib/config/presets.ts';
import type { GridConfig } from '../../lib/config/schema.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { path } from '../../src/command-line/option-parsers.ts';

// The SDK of the lock file runs on every Node that the project takes; its warning is of versions to come.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Which deployment is meant: as `-c preset=` and `-c config=` of the CDK CLI. */
export interface Selection {
  readonly preset: string;
  /** Path of a JSON file. */
  readonly config?: string;
}

/** Adds --preset and --config. */
export function addSelection(command: Command): Command {
  return (
    command
      .option('--preset <name>', Object.keys(PRESETS).join(', '), DEFAULT_PRESET)
      // Absolute: cdk reads it as well, from the project's folder.
      .option('--config <file>', 'a JSON file over the preset', path)
      .exitOverride()
  );
}

/** The configuration that is meant. @throws CommanderError after printing a line for each wrong value. */
export function selected(command: Command): GridConfig {
  const { preset, config: file } = command.opts<Selection>();
  try {
    return loadConfig({ preset, file });
  } catch (error) {
    if (error instanceof ConfigError) {
      return command.error(error.message.replaceAll(/^/gm, 'error: '));
    }
    throw error;
  }
}

/** The same for the CDK CLI. */
export function contextArguments({ preset, config }: Selection): string[] {
  return ['-c', `preset=${preset}`, ...(config === undefined ? [] : ['-c', `config=${resolve(config)}`])];
}

/**
 * What `npm run deploy` tells the CDK CLI. `--force`: a consumer's template does not change when a producer is created
 * again under another name (references between stacks are weak), and the CLI skips a stack whose template it knows. With
 * it CloudFormation looks at every stack, and changes only what has changed.
 */
export function deployArguments({ selection, yes, more }: Pick<CdkSettings, 'selection' | 'yes' | 'more'>): string[] {
  const approval = yes ? ['--require-approval', 'never'] : [];
  return ['deploy', '--all', '--force', ...contextArguments(selection), ...approval, ...more];
}

/** What `npm run deploy` and `npm run destroy` are told. */
export interface CdkSettings {
  readonly config: GridConfig;
  readonly selection: Selection;
  /** No confirmation is asked for. */
  readonly yes: boolean;
  /** The EMR cluster is replaced by a new one; of `deploy` only. */
  readonly recreateCluster: boolean;
  /** More arguments, for the CDK CLI. */
  readonly more: readonly string[];
}

interface Options {
  readonly yes: boolean;
  readonly recreateCluster?: boolean;
}

/** Programs over `cdk NAME --all`, with what they do. */
const CDK_PROGRAMS = {
  deploy:
    'Deploys the grid to AWS: checks the account (quotas, zones, names, earlier attempts), shows the price, then cdk deploy --all --force.',
  destroy: 'Removes the grid from AWS: cdk destroy --all, then a scan. Exit status 1: something is left.',
} as const;

/** What `npm run deploy` and `npm run destroy` take. */
export function cdkCommand(name: keyof typeof CDK_PROGRAMS): Command {
  const command = addSelection(new Command(name))
    .description(CDK_PROGRAMS[name])
    .option('--yes', 'ask nothing', false)
    .argument('[cdk...]', `more arguments of cdk ${name}, after --`);
  if (name === 'deploy') {
    command.option('--recreate-cluster', 'replace the EMR cluster: raises spark.clusterGeneration in --config', false);
  }
  return command;
}

/** Reads the command line of a program over `cdk NAME --all`. @throws CommanderError after printing what is wrong. */
export function cdkSettings(name: keyof typeof CDK_PROGRAMS, args: readonly string[]): CdkSettings {
  const command = cdkCommand(name);
  refuseOptionsOfNpm(command, `npm run ${name}`);
  command.parse([...args], { from: 'user' });
  const { yes, recreateCluster = false, ...selection } = command.opts<Selection & Options>();
  if (recreateCluster && selection.config === undefined) {
    return command.error('error: --recreate-cluster: add --config FILE, which remembers the generation of the cluster');
  }
  return { config: selected(command), selection, yes, recreateCluster, more: command.args };
}
