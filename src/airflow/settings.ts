/** What Airflow's processes are told, on a host of the stack and on one machine alike: a file, and an environment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { GridClock } from '../core/clock/grid-clock.ts';
import { renderText } from '../core/templates/template.ts';
import { historySchedule } from '../history/schedule.ts';

/** Folder of Airflow's configuration, its DAG and the lock of its Python packages. */
export const AIRFLOW_FILES = join(import.meta.dirname, '..', '..', 'ec2-userdata', 'airflow');

/** The user who may log in to Airflow's web interface. */
export const AIRFLOW_USER = 'operator';

/** Who lets people in, by Airflow's class. */
export const AUTH_MANAGERS = {
  /** Users, roles and sessions in the metadata database, passwords hashed: on AWS. */
  fab: 'airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager',
  /** One user and a file with the password: on one machine. */
  simple: 'airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager',
} as const;

/** Of `airflow.cfg`. */
export interface AirflowSettings {
  /** One of {@link AUTH_MANAGERS}. */
  readonly authManager: (typeof AUTH_MANAGERS)[keyof typeof AUTH_MANAGERS];
  /** Absolute path of the folder with the DAG. */
  readonly dagsFolder: string;
  /** On the loopback address. */
  readonly port: number;
  /** Folder for the logs of tasks. */
  readonly logFolder: string;
}

/** Airflow's configuration file, without secrets. */
export function airflowConfiguration(settings: AirflowSettings): string {
  const name = join(AIRFLOW_FILES, 'airflow.cfg');
  // ConfigParser expands a single percent sign.
  const values = Object.entries(settings).map(([name, value]) => [name, String(value).replaceAll('%', '%%')]);
  return renderText(
    { name, text: readFileSync(name, 'utf8') },
    Object.fromEntries(values) as Record<keyof AirflowSettings, string>,
  );
}

/** What must not be in the file; all of Airflow's processes need the same values. */
export interface AirflowSecrets {
  /** SQLAlchemy address of the metadata database, with its password. */
  readonly database: string;
  /** The same for asyncpg. Default: Airflow makes it of the other, which holds for SQLite. */
  readonly databaseAsync?: string;
  /** 32 bytes in URL-safe base64: encrypts what Airflow stores of connections and variables. */
  readonly fernetKey: string;
  /** Signs the sessions of the web interface. */
  readonly apiSecret: string;
  /** Signs the tokens of users and tasks; at least 64 bytes, as HS512 asks for. */
  readonly jwtSecret: string;
}

/** By secret, the environment variable that Airflow reads it from. */
export const AIRFLOW_SECRET_VARIABLES: Readonly<Record<keyof AirflowSecrets, string>> = {
  database: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN',
  databaseAsync: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC',
  fernetKey: 'AIRFLOW__CORE__FERNET_KEY',
  apiSecret: 'AIRFLOW__API__SECRET_KEY',
  jwtSecret: 'AIRFLOW__API_AUTH__JWT_SECRET',
};

/** What the simple manager reads from the environment. */
export const SIMPLE_LOGIN_VARIABLES = {
  /** `name:role`. */
  users: 'AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS',
  /** JSON file of user to password, made before the first start, readable by Airflow's user alone. */
  passwordsFile: 'AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE',
} as const;

/** What the DAG reads from the environment; see its HistorySettings. */
export const HISTORY_VARIABLES = {
  command: 'IGRID_HISTORY_COMMAND',
  intervalMs: 'IGRID_HISTORY_INTERVAL_MS',
  timeoutS: 'IGRID_HISTORY_TIMEOUT_S',
} as const;

/**
 * The environment that makes the DAG run the history program.
 *
 * @param command the program and its arguments, all but `--slot` and `--speed`.
 * @param timeoutS how long a run may take, s. Default: the DAG's, 300.
 */
export function historyEnvironment(
  clock: GridClock,
  command: readonly string[],
  timeoutS?: number,
): Record<string, string> {
  return {
    [HISTORY_VARIABLES.command]: JSON.stringify([...command, '--speed', String(clock.speed)]),
    [HISTORY_VARIABLES.intervalMs]: String(historySchedule(clock).intervalMs),
    ...(timeoutS !== undefined && { [HISTORY_VARIABLES.timeoutS]: String(timeoutS) }),
  };
}
