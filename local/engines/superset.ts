import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GridClock } from '../../src/clock/grid-clock.ts';
import type { EngineProcess } from '../supervision/engine.ts';
import { HOST } from './addresses.ts';

const HOME = join(import.meta.dirname, '..', '..', 'ec2-userdata', 'superset');

/** The user of the page; there is no other until this one makes some. */
export const SUPERSET_USER = 'admin';

/** What the dashboard of the grid on one machine is made from. */
export interface SupersetConfig {
  /** Virtual environment with Superset. */
  readonly environment: string;
  /** Folder for its SQLite database and its secrets; survives restarts. */
  readonly directory: string;
  readonly port: number;
  /** Port of Druid's Router. */
  readonly druidPort: number;
  /** The durations that the page's figures are made with. */
  readonly clock: GridClock;
  /** How far apart history's slots are, wall-clock ms. */
  readonly historySlotMs: number;
}

/** Superset behind gunicorn: at its first start it makes its database, roles and administrator, at each it imports the page. */
export function supersetProcesses(config: SupersetConfig): EngineProcess[] {
  return [
    {
      name: 'superset',
      command: join(config.environment, 'bin', 'gunicorn'),
      args: [
        ...['--bind', `${HOST}:${config.port}`, '--pythonpath', HOME],
        // One worker: it migrates and imports while it loads. Threads, since a tile's time is spent waiting for Druid.
        ...['--workers', '1', '--worker-class', 'gthread', '--threads', '8'],
        // A gthread worker says that it lives only once it has loaded.
        ...['--timeout', `${START_TIMEOUT_MS / 1000}`, '--graceful-timeout', '5'],
        // Its socket would be below the user's home, one for all that run there.
        '--no-control-socket',
        'wsgi:application',
      ],
      env: supersetEnvironment(config),
      ports: [config.port],
      prepare: async () => {
        await mkdir(config.directory, { recursive: true, mode: 0o700 });
      },
      isWell: async () => {
        const response = await fetch(`http://${HOST}:${config.port}/health`, { signal: AbortSignal.timeout(2_000) });
        return (await response.text()) === 'OK';
      },
      startTimeoutMs: START_TIMEOUT_MS,
    },
  ];
}

/** 45 s were measured on a quiet machine of 2 cores for the first start, and more than three times that on a busy one. */
const START_TIMEOUT_MS = 600_000;

/** Where the page is, for the terminal. */
export const dashboardUrl = (port: number): string => `http://${HOST}:${port}/superset/dashboard/igrid/`;

/** File with the password of {@link SUPERSET_USER}, readable by its owner alone; it is there once Superset is well. */
export const passwordFile = (directory: string): string => join(directory, 'admin-password');

function supersetEnvironment(config: SupersetConfig): Record<string, string> {
  return {
    IGRID_SUPERSET_HOME: config.directory,
    IGRID_DRUID_URI: `druid://${HOST}:${config.druidPort}/druid/v2/sql/`,
    IGRID_SPEED: `${config.clock.speed}`,
    IGRID_WINDOW_MS: `${config.clock.windowMs}`,
    IGRID_SLIDE_MS: `${config.clock.slideMs}`,
    IGRID_MAX_GAP_MS: `${config.clock.maxGapMs}`,
    IGRID_HISTORY_SLOT_MS: `${config.historySlotMs}`,
  };
}
