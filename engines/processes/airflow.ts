import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { z } from 'zod';

import {
  AIRFLOW_FILES,
  AIRFLOW_SECRET_VARIABLES,
  AIRFLOW_USER,
  airflowConfiguration,
  AUTH_MANAGERS,
  historyEnvironment,
  SIMPLE_LOGIN_VARIABLES,
} from '../../src/airflow/settings.ts';
import type { GridClock } from '../../src/core/clock/grid-clock.ts';
import { parseJson } from '../../src/core/parse-json.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { writeWhole } from '../../src/files/write-whole.ts';
import { HOST } from '../supervision/addresses.ts';
import type { EngineProcess } from '../supervision/engine.ts';

const ROOT = repositoryPath();

/** What Airflow on one machine is made from. */
export interface AirflowConfig {
  /** Virtual environment with Airflow. */
  readonly environment: string;
  /** Folder for its configuration, SQLite database, logs and secrets; survives restarts. */
  readonly directory: string;
  readonly port: number;
  /** `host:port` of the broker. */
  readonly brokers: string;
  /** Address of Druid's Router. */
  readonly druidUrl: string;
  readonly clock: GridClock;
  /** Names of processes that must be healthy before, and are stopped after it. Default: none. */
  readonly after?: readonly string[];
}

/** Where the history program notes its last success, see src/history/status-file.ts. */
export const historyStatusFile = (directory: string): string => join(directory, 'history-status.json');

/** The address of Airflow's web interface, for the terminal. */
export const airflowUrl = (port: number): string => `http://${HOST}:${port}`;

/** File with the password of {@link AIRFLOW_USER} as JSON, readable by its owner alone; there once Airflow is healthy. */
export const airflowPasswordsFile = (directory: string): string => join(directory, 'passwords.json');

/** The password of {@link AIRFLOW_USER}, to be shown once. */
export async function airflowPassword(directory: string): Promise<string> {
  const passwords = z.object({ [AIRFLOW_USER]: z.string() });
  return passwords.parse(JSON.parse(await readFile(airflowPasswordsFile(directory), 'utf8')))[AIRFLOW_USER];
}

/**
 * Airflow's three processes; no triggerer, since nothing of ours defers. Makes its secrets and the password when there
 * are none yet.
 */
export async function airflowProcesses(config: AirflowConfig): Promise<EngineProcess[]> {
  await mkdir(config.directory, { recursive: true, mode: 0o700 });
  const secrets = await keptSecrets(config.directory);
  const env = environmentOf(config, secrets);
  const airflow = join(config.environment, 'bin', 'airflow');
  let migration: Promise<void> | undefined;
  // Two start side by side: one of them migrates for both, and one that is restarted after a failure tries again.
  const prepare = (): Promise<void> =>
    (migration ??= migrate(config, airflow, env, secrets.password).catch((error: unknown) => {
      migration = undefined;
      throw error;
    }));
  const component = (name: string, isHealthy: (health: Health) => boolean, ...args: string[]): EngineProcess => ({
    name: `airflow-${name}`,
    // Airflow yields to the stream: half a minute of imports must not delay what is live.
    command: 'nice',
    args: ['-n', '10', airflow, name, ...args],
    env,
    cwd: config.directory,
    after: config.after ?? [],
    prepare,
    isHealthy: async () => isHealthy(await healthOf(config.port)),
    startTimeoutMs: START_TIMEOUT_MS,
    // Nothing is lost with the web interface or a parser; the web interface would wait for its idle connections.
    stopTimeoutMs: 5_000,
  });
  const apiServer = component('api-server', () => true);
  // It would serve the logs of tasks to an API server on another machine, on a port of all addresses.
  const scheduler = component('scheduler', (health) => health.scheduler?.status === 'healthy', '--skip-serve-logs');
  return [
    { ...apiServer, ports: [config.port] },
    component('dag-processor', (health) => health.dag_processor?.status === 'healthy'),
    // A task reports to the API server and fails without it.
    // It is given the time to end the slot that is being made.
    { ...scheduler, after: [...(config.after ?? []), apiServer.name], stopTimeoutMs: 20_000 },
  ];
}

/** 45 s were measured on a quiet machine of 2 cores, and more than three times that on a busy one. */
const START_TIMEOUT_MS = 600_000;

const part = z.object({ status: z.string().nullish() }).nullish();
const healthSchema = z.object({ scheduler: part, dag_processor: part });
type Health = z.infer<typeof healthSchema>;

async function healthOf(port: number): Promise<Health> {
  const response = await fetch(`${airflowUrl(port)}/api/v2/monitor/health`, { signal: AbortSignal.timeout(2_000) });
  return healthSchema.parse(await response.json());
}

const secretsSchema = z.object({
  fernetKey: z.string(),
  apiSecret: z.string(),
  jwtSecret: z.string(),
  password: z.string(),
});
type KeptSecrets = z.infer<typeof secretsSchema>;

/** The secrets of earlier starts, or new ones: the metadata database holds what the old ones have encrypted. */
async function keptSecrets(directory: string): Promise<KeptSecrets> {
  const file = join(directory, 'secrets.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const kept = text === undefined ? undefined : secretsSchema.safeParse(parseJson(text)).data;
  // A file that is cut off is made again: nothing of ours is encrypted, and users log in again.
  if (kept) {
    return kept;
  }
  const secrets: KeptSecrets = {
    // Fernet's base64 keeps its padding.
    fernetKey: randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
    apiSecret: randomBytes(32).toString('base64url'),
    jwtSecret: randomBytes(64).toString('base64url'),
    password: randomBytes(12).toString('base64url'),
  };
  await writeWhole(file, JSON.stringify(secrets), 0o600);
  return secrets;
}

function environmentOf(config: AirflowConfig, secrets: KeptSecrets): Record<string, string> {
  const node = [
    process.execPath,
    ...['--import', import.meta.resolve('tsx'), join(ROOT, 'src', 'history', 'history.main.ts')],
  ];
  return {
    AIRFLOW_HOME: config.directory,
    [AIRFLOW_SECRET_VARIABLES.database]: `sqlite:///${join(config.directory, 'airflow.db')}`,
    [AIRFLOW_SECRET_VARIABLES.fernetKey]: secrets.fernetKey,
    [AIRFLOW_SECRET_VARIABLES.apiSecret]: secrets.apiSecret,
    [AIRFLOW_SECRET_VARIABLES.jwtSecret]: secrets.jwtSecret,
    [SIMPLE_LOGIN_VARIABLES.users]: `${AIRFLOW_USER}:op`,
    [SIMPLE_LOGIN_VARIABLES.passwordsFile]: airflowPasswordsFile(config.directory),
    ...historyEnvironment(config.clock, [
      ...node,
      ...['--brokers', config.brokers, '--druid', config.druidUrl],
      ...['--status', historyStatusFile(config.directory)],
    ]),
  };
}

/** Writes the configuration and the password, and brings the database to this version of Airflow. */
async function migrate(config: AirflowConfig, airflow: string, env: Record<string, string>, password: string) {
  const logFolder = join(config.directory, 'logs');
  await mkdir(logFolder, { recursive: true });
  await writeFile(
    join(config.directory, 'airflow.cfg'),
    airflowConfiguration({
      dagsFolder: join(AIRFLOW_FILES, 'dags'),
      port: config.port,
      authManager: AUTH_MANAGERS.simple,
      logFolder,
    }),
  );
  await writeFile(airflowPasswordsFile(config.directory), JSON.stringify({ [AIRFLOW_USER]: password }), {
    mode: 0o600,
  });
  // The environment's folder is named after its lock, so the same name is the same Airflow.
  const mark = join(config.directory, 'migrated');
  const migrated = await readFile(mark, 'utf8').catch(() => '');
  if (migrated === config.environment) {
    return;
  }
  await execa('nice', ['-n', '10', airflow, 'db', 'migrate'], { env, cwd: config.directory });
  await writeFile(mark, config.environment);
}
