import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { GridClock } from '../../src/core/clock/grid-clock.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { durationsEnvironment, SUPERSET_VARIABLES } from '../../src/superset/settings.ts';
import { HOST } from '../supervision/addresses.ts';
import type { EngineProcess } from '../supervision/engine.ts';

const HOME = repositoryPath('ec2-userdata/superset');

/** What the dashboard of the grid on one machine is made from. */
export interface SupersetConfig {
  /** Virtual environment with Superset. */
  readonly environment: string;
  /** Folder for its SQLite database and its secrets; survives restarts. */
  readonly directory: string;
  readonly port: number;
  /** Port of Druid's Router. */
  readonly druidPort: number;
  /** The durations that the dashboard's figures are made with. */
  readonly clock: GridClock;
}

/** Superset behind gunicorn. Its first start creates database, roles and administrator; each imports the dashboard. */
export function supersetProcesses(config: SupersetConfig): EngineProcess[] {
  return [
    {
      name: 'superset',
      command: join(config.environment, 'bin', 'gunicorn'),
      args: ['--config', join(HOME, 'gunicorn_config.py'), 'wsgi:application'],
      env: supersetEnvironment(config),
      ports: [config.port],
      prepare: async () => {
        await mkdir(config.directory, { recursive: true, mode: 0o700 });
      },
      isHealthy: async () => {
        const response = await fetch(`http://${HOST}:${config.port}/health`, { signal: AbortSignal.timeout(2_000) });
        return (await response.text()) === 'OK';
      },
      startTimeoutMs: START_TIMEOUT_MS,
    },
  ];
}

/** 45 s were measured on a quiet machine of 2 cores for the first start, and more than three times that on a busy one. */
const START_TIMEOUT_MS = 600_000;

/** The dashboard's address, for the terminal. */
export const dashboardUrl = (port: number): string => `http://${HOST}:${port}/superset/dashboard/igrid/`;

/** File with the password of Superset's administrator, readable by its owner alone; exists once Superset is healthy. */
export const passwordFile = (directory: string): string => join(directory, 'admin-password');

function supersetEnvironment(config: SupersetConfig): Record<string, string> {
  return {
    [SUPERSET_VARIABLES.home]: config.directory,
    [SUPERSET_VARIABLES.port]: String(config.port),
    [SUPERSET_VARIABLES.druidUri]: `druid://${HOST}:${config.druidPort}/druid/v2/sql/`,
    ...durationsEnvironment(config.clock),
  };
}
