import { join } from 'node:path';

import { Command, InvalidArgumentError, Option } from 'commander';

import { DEFAULT_PORTS, type Ports } from '../engines/supervision/addresses.ts';
import { refuseOptionsOfNpm } from '../src/command-line/npm-options.ts';
import { duration, path, speed, timeZone, watts, wholeNumber } from '../src/command-line/option-parsers.ts';
import { parseDuration } from '../src/core/clock/duration.ts';
import { DEFAULT_SPEED, SPEED_RANGE } from '../src/core/clock/grid-clock.ts';
import { DEFAULT_MAX_POWER_W } from '../src/core/limits.ts';
import { repositoryPath } from '../src/files/repository.ts';

const ROOT = repositoryPath();

/** Parts that a run can do without. */
export const OPTIONAL_PARTS = ['airflow', 'superset'] as const;
export type OptionalPart = (typeof OPTIONAL_PARTS)[number];

/** What the user asked for, checked. */
export interface GridOptions {
  /** Directory of a data set in REDD's layout. */
  readonly redd: string;
  /** Directory of a data set in GREEND's layout. */
  readonly greend: string;
  /** IANA zones of the data sets. Default: those of REDD and GREEND. */
  readonly reddTimezone?: string;
  readonly greendTimezone?: string;
  /** Readings above this are left out, W. */
  readonly maxPower: number;
  /** First playback. */
  readonly from: number;
  /** One more than the last playback. */
  readonly to: number;
  /** Grid seconds per wall-clock second. */
  readonly speed: number;
  /** Seed of the playbacks' power factors. */
  readonly seed: number;
  /** How much of the past is replayed before going live: a duration in the replay's words, of grid time. */
  readonly backfill: string;
  /** How long to run live, ms of the wall clock; undefined: until Ctrl-C. */
  readonly forMs?: number;
  /** How long it may take, set-up not counted, until the run is live, ms of the wall clock; undefined: as long as it likes. */
  readonly liveWithinMs?: number;
  /** Where to write the report, JSON. */
  readonly report?: string;
  /** Forget the state of earlier runs first. */
  readonly fresh: boolean;
  /** Where state and logs are kept. */
  readonly state: string;
  readonly without: ReadonlySet<OptionalPart>;
  readonly ports: Ports;
  readonly verbose: boolean;
}

/** What `npm start` takes. */
export function startCommand(): Command {
  return new Command('npm start --')
    .description('The grid on one machine: real readings through Kafka, Spark and Druid, with every count reconciled.')
    .option('--redd <dir>', 'data set in the layout of REDD low_freq', path, join(ROOT, 'sample-data', 'redd'))
    .option('--greend <dir>', 'data set in the layout of GREEND', path, join(ROOT, 'sample-data', 'greend'))
    .option('--redd-timezone <zone>', "IANA zone of REDD's midnight (default: America/New_York)", timeZone)
    .option('--greend-timezone <zone>', "IANA zone of GREEND's midnight (default: Europe/Rome)", timeZone)
    .option('--max-power <watts>', 'leave out readings above this power', watts, DEFAULT_MAX_POWER_W)
    .option('--from <n>', 'first playback', wholeNumber(0), 0)
    .option('--to <n>', 'one more than the last playback', wholeNumber(1), 4)
    .option('--speed <n>', `grid seconds per second, ${SPEED_RANGE.min} to ${SPEED_RANGE.max}`, speed, DEFAULT_SPEED)
    .option('--seed <n>', 'seed of the power factors of the playbacks', wholeNumber(0), 1)
    .option('--backfill <duration>', 'grid time to replay from the past first, 0 to 5d', backfill, '1d')
    .option('--for <duration>', 'stop and reconcile after so long live, e.g. 90s or 5m; default: at Ctrl-C', duration)
    .option(
      '--live-within <duration>',
      'give up when it is not live by then; default with --for: 15m, else never',
      duration,
    )
    .option('--report <file>', 'write the reconciled counts there, as JSON', path)
    .option('--fresh', 'delete the state of earlier runs first', false)
    .option('--state <dir>', 'where state and logs are kept', path, join(ROOT, '.igrid'))
    .option(
      '--without <parts>',
      `leave out, separated by commas: ${OPTIONAL_PARTS.join(', ')}`,
      parts,
      new Set<OptionalPart>(),
    )
    .addOption(
      new Option('--ports <name=port,...>', `other ports than ${describePorts(DEFAULT_PORTS)}`)
        .argParser(ports)
        .default(DEFAULT_PORTS, 'the engines’ own'),
    )
    .option('--verbose', 'show the stack trace of an error', false)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

/**
 * Reads the command line. Usage errors and `--help` end the process, by commander's rules, with status 2 and 0.
 *
 * @param argv the arguments alone, without node and script.
 */
export function parseOptions(argv: readonly string[]): GridOptions {
  const command = startCommand();
  refuseOptionsOfNpm(command, 'npm start');
  command.parse(argv, { from: 'user' });
  const {
    for: forMs,
    liveWithin,
    ...given
  } = command.opts<Omit<GridOptions, 'forMs' | 'liveWithinMs'> & { for?: number; liveWithin?: number }>();
  const liveWithinMs = liveWithin ?? (forMs === undefined ? undefined : LIVE_WITHIN_MS);
  if (given.to <= given.from) {
    command.error(
      `error: --to ${given.to} must be more than --from ${given.from}: it is one more than the last playback`,
    );
  }
  return { ...given, ...(forMs !== undefined && { forMs }), ...(liveWithinMs !== undefined && { liveWithinMs }) };
}

/** A run with an end must have one: two or three minutes are usual on a machine of 2 cores, five times that on a busy one. */
const LIVE_WITHIN_MS = 15 * 60_000;

const MOST_BACKFILL = '5d';

function backfill(text: string): string {
  if (duration(text) > parseDuration(MOST_BACKFILL)) {
    throw new InvalidArgumentError(`At most ${MOST_BACKFILL}.`);
  }
  return text;
}

function parts(text: string): ReadonlySet<OptionalPart> {
  return new Set(
    text.split(',').map((name) => {
      const part = OPTIONAL_PARTS.find((known) => known === name.trim());
      if (!part) {
        throw new InvalidArgumentError(`Parts that can be left out: ${OPTIONAL_PARTS.join(', ')}.`);
      }
      return part;
    }),
  );
}

function ports(text: string): Ports {
  const changed: Record<string, number> = {};
  for (const pair of text.split(',')) {
    const [name, port = '', ...more] = pair.split('=').map((side) => side.trim());
    if (name === undefined || !Object.hasOwn(DEFAULT_PORTS, name)) {
      throw new InvalidArgumentError(`Ports are named ${Object.keys(DEFAULT_PORTS).join(', ')}.`);
    }
    const number = Number(port);
    if (more.length > 0 || !/^\d+$/.test(port) || number < 1 || number > 65_535) {
      throw new InvalidArgumentError(`${name} must be a port from 1 to 65535.`);
    }
    changed[name] = number;
  }
  const all: Ports = { ...DEFAULT_PORTS, ...changed };
  const taken = new Map<number, string>();
  for (const [name, port] of Object.entries(all) as [string, number][]) {
    const other = taken.get(port);
    if (other !== undefined) {
      throw new InvalidArgumentError(`${name} and ${other} can't both have port ${port}.`);
    }
    taken.set(port, name);
  }
  return all;
}

function describePorts(known: Ports): string {
  return Object.entries(known)
    .map(([name, port]) => `${name}=${String(port)}`)
    .join(',');
}
