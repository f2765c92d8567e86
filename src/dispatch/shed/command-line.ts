import { userInfo } from 'node:os';

import { Command, InvalidArgumentError } from 'commander';

import { refuseOptionsOfNpm } from '../../command-line/npm-options.ts';
import { duration, webAddress } from '../../command-line/option-parsers.ts';
import { DISPATCH_URL } from '../api/address.ts';

/** Duration in minutes of grid time. */
export interface Asked {
  readonly feeder: string;
  readonly kw: number;
  readonly minutes: number;
  readonly by: string;
  readonly reason?: string;
  readonly confirmed_by?: string;
}

export type ShedAction =
  | { readonly kind: 'plan'; readonly asked: Asked }
  | { readonly kind: 'shed'; readonly asked: Asked; readonly isFollowed: boolean }
  | { readonly kind: 'feeders' | 'status' }
  | { readonly kind: 'cancel'; readonly event: string; readonly by: string }
  | { readonly kind: 'stop-all'; readonly by: string };

export interface ShedSettings {
  readonly action: ShedAction;
  /** Of the dispatcher. */
  readonly url: string;
  readonly isJson: boolean;
}

interface SharedOptions {
  readonly url: string;
  readonly json: boolean;
  readonly by: string;
}

interface ShedOptions extends SharedOptions {
  readonly feeder?: string;
  readonly kw?: number;
  readonly for?: number;
  readonly reason?: string;
  readonly confirmedBy?: string;
  readonly dryRun: boolean;
  readonly follow: boolean;
}

/** @throws CommanderError for `--help` (its exit code is 0) and for wrong usage, after printing why. */
export function parseCommandLine(args: readonly string[]): ShedSettings {
  const parsed: ShedSettings[] = [];
  const take = (action: ShedAction, { url, json }: SharedOptions): void => {
    parsed.push({ action, url, isJson: json });
  };
  // With its type written out, TypeScript knows that `error` does not return.
  const command: Command = withShared(new Command('shed'))
    .description('Switches appliances off on a feeder for a while, and shows what comes of it.')
    .option('--feeder <name>', 'where')
    .option('--kw <number>', 'relief, kW', kilowatts)
    .option('--for <duration>', 'how long, grid time, e.g. 15m', minutes)
    .option('--reason <text>', 'for the people in the houses')
    .option('--confirmed-by <name>', 'who else has confirmed, for more than the usual caps')
    .option('--dry-run', 'show the plan only', false)
    .option('--no-follow', 'start it, and do not wait for its end')
    .allowExcessArguments(false)
    .exitOverride();
  command.action((options: ShedOptions) => {
    const { feeder, kw, for: length, by, reason, confirmedBy } = options;
    if (feeder === undefined || kw === undefined || length === undefined) {
      command.error('error: give --feeder, --kw and --for, as in --feeder F1 --kw 0.6 --for 15m');
    }
    const asked: Asked = {
      feeder,
      kw,
      minutes: length,
      by,
      ...(reason !== undefined && { reason }),
      ...(confirmedBy !== undefined && { confirmed_by: confirmedBy }),
    };
    take(
      options.dryRun ? { kind: 'plan', asked } : { kind: 'shed', asked, isFollowed: options.follow && !options.json },
      options,
    );
  });
  const sub = (name: string, description: string): Command => {
    const made = new Command(name).description(description).allowExcessArguments(false).exitOverride();
    command.addCommand(made);
    return made;
  };
  sub('feeders', 'What each feeder carries, and what could be switched off.').action((_: object, { parent }: Command) =>
    take({ kind: 'feeders' }, sharedOf(parent)),
  );
  sub('status', 'All events.').action((_: object, { parent }: Command) => take({ kind: 'status' }, sharedOf(parent)));
  sub('cancel', 'Ends an event.')
    .argument('<event>')
    .action((event: string, _: object, { parent }: Command) => {
      const shared = sharedOf(parent);
      take({ kind: 'cancel', event, by: shared.by }, shared);
    });
  sub('stop-all', 'Everything on again, in every house.').action((_: object, { parent }: Command) => {
    const shared = sharedOf(parent);
    take({ kind: 'stop-all', by: shared.by }, shared);
  });
  refuseOptionsOfNpm(command, 'npm run shed');
  command.parse([...args], { from: 'user' });
  const [settings] = parsed;
  if (!settings) {
    throw new RangeError('the command line names no action');
  }
  return settings;
}

/** Before or after the name of a command. */
function withShared(command: Command): Command {
  return command
    .option('--json', 'print JSON', false)
    .option('--by <name>', 'who asks', userInfo().username)
    .option('--url <url>', 'of the dispatcher', webAddress, DISPATCH_URL);
}

const sharedOf = (command: Command | null): SharedOptions => {
  if (!command) {
    throw new RangeError('a command of shed has no parent');
  }
  return command.opts<ShedOptions>();
};

function kilowatts(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !(value > 0)) {
    throw new InvalidArgumentError('It must be a number above 0, in kW.');
  }
  return value;
}

function minutes(text: string): number {
  const ms = duration(text);
  if (!(ms > 0)) {
    throw new InvalidArgumentError('It must be longer than 0.');
  }
  return ms / 60_000;
}
