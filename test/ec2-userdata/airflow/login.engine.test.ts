/**
 * Airflow's login as on AWS: the real setup.sh and login.py with the real Airflow, its FAB manager, and
 * PostgreSQL where this computer has it (SQLite otherwise: the rehearsal has PostgreSQL with TLS).
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import getPort from 'get-port';
import { z } from 'zod';

import { pythonStep } from '../../../engines/setup/python.ts';
import { makeAll } from '../../../engines/setup/set-up.ts';
import { findTools } from '../../../engines/setup/tools.ts';
import {
  AIRFLOW_FILES,
  AIRFLOW_SECRET_VARIABLES,
  AIRFLOW_USER,
  airflowConfiguration,
  AUTH_MANAGERS,
} from '../../../src/airflow/settings.ts';
import { until } from '../../../src/core/clock/until.ts';
import { environmentFile } from '../../../src/core/templates/environment-file.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';

const MINUTE_MS = 60_000;

let folder: string;
let bin: string;
let url: string;
let postgres: TestPostgres | undefined;
let server: { kill: (signal: 'SIGTERM') => unknown; ended: Promise<unknown> } | undefined;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  const step = await pythonStep(await findTools(), 'Airflow', 'airflow', join(AIRFLOW_FILES, 'requirements.lock'), 0);
  await makeAll([[step]], () => undefined, new AbortController().signal);
  bin = join(step.folder, 'bin');
  folder = mkdtempSync(join(tmpdir(), 'igrid-login-'));
  if (hasPostgres()) {
    postgres = await startPostgres();
  }

  const port = await getPort();
  url = `http://127.0.0.1:${port}`;
  for (const name of ['run', 'host', 'opt/igrid/runtime/bin', 'logs', 'dags']) {
    mkdirSync(path(name), { recursive: true });
  }
  writeFileSync(
    path('airflow.cfg'),
    airflowConfiguration({
      authManager: AUTH_MANAGERS.fab,
      dagsFolder: path('dags'),
      port,
      logFolder: path('logs'),
    }),
  );
  const setup = readFileSync(repositoryPath('ec2-userdata/airflow/setup.sh'), 'utf8');
  writeFileSync(path('host/setup.sh'), setup.replaceAll('/opt/igrid', path('opt/igrid')));
  cpSync(repositoryPath('ec2-userdata/airflow/login.py'), path('host/login.py'));
  // In the place of Secrets Manager: what secrets.mjs writes.
  writeFileSync(path('opt/igrid/runtime/bin/node'), '#!/bin/sh\ncp "$FOLDER"/secrets/* "$3"\n', { mode: 0o755 });
  mkdirSync(path('secrets'));
  const database = postgres
    ? `postgresql+psycopg2://${postgres.user}@127.0.0.1:${postgres.port}/${postgres.database}`
    : `sqlite:///${path('airflow.db')}`;
  writeFileSync(
    path('secrets/environment'),
    environmentFile({
      [AIRFLOW_SECRET_VARIABLES.database]: database,
      [AIRFLOW_SECRET_VARIABLES.fernetKey]: Buffer.alloc(32, 1).toString('base64'),
      [AIRFLOW_SECRET_VARIABLES.apiSecret]: 'a'.repeat(43),
      [AIRFLOW_SECRET_VARIABLES.jwtSecret]: 'j'.repeat(86),
    }),
  );
}, 10 * MINUTE_MS);

afterAll(async () => {
  server?.kill('SIGTERM');
  await server?.ended;
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}, MINUTE_MS);

const environment = () => ({
  ...{ PATH: `${bin}:/usr/bin:/bin`, HOME: folder, FOLDER: folder, RUNTIME_DIRECTORY: path('run') },
  ...{ AIRFLOW_HOME: folder, AIRFLOW_CONFIG: path('airflow.cfg') },
});

function password(value: string): void {
  writeFileSync(path('secrets/passwords.json'), JSON.stringify({ [AIRFLOW_USER]: value }));
}

/** What the unit igrid-airflow-setup runs. @returns its last line. */
async function setup(): Promise<string> {
  const { all } = await execa('bash', [path('host/setup.sh')], {
    ...{ env: environment(), extendEnv: false, all: true },
    timeout: 8 * MINUTE_MS,
  });
  return all.split('\n').at(-1) ?? '';
}

async function serve(): Promise<void> {
  const script = 'set -a; . "$RUNTIME_DIRECTORY/environment"; exec airflow api-server';
  const api = execa('bash', ['-c', script], { env: environment(), extendEnv: false, all: true, reject: false });
  server = { kill: (signal) => api.kill(signal), ended: api };
  await until(async () => (await fetch(`${url}/api/v2/monitor/health`).catch(() => undefined))?.ok === true, {
    intervalMs: 500,
    timeoutMs: 8 * MINUTE_MS,
  });
}

const token = (user: string, value: string): Promise<Response> =>
  fetch(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: user, password: value }),
  });

/** Cookies of an answer, as a request sends them. */
const cookies = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');

/** Logs in on the login page. @returns the session's cookies, or undefined when it refuses. */
async function logIn(value: string): Promise<string | undefined> {
  const page = await fetch(`${url}/auth/login/`);
  const csrf = /name="csrf_token"[^>]*value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  const answer = await fetch(`${url}/auth/login/`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookies(page) },
    body: new URLSearchParams({ csrf_token: csrf, username: AIRFLOW_USER, password: value }),
  });
  return answer.headers.get('location')?.includes('/login') === false ? cookies(answer) : undefined;
}

/** A page for administrators. */
const users = (cookie: string): Promise<Response> =>
  fetch(`${url}/auth/users/list/`, { redirect: 'manual', headers: { cookie } });

describe(`the login of Airflow's web interface, on ${hasPostgres() ? 'PostgreSQL' : 'SQLite'}`, () => {
  test(
    'is made once from the secret, and left alone while the secret stays the same',
    async () => {
      password('the-first-password');
      expect(await setup()).toBe(`login: ${AIRFLOW_USER} is made`);
      expect(await setup()).toBe(`login: ${AIRFLOW_USER} is unchanged`);
      await serve();
    },
    20 * MINUTE_MS,
  );

  test('refuses access without it', async () => {
    expect((await fetch(`${url}/api/v2/dags`)).status).toBe(401);
    expect((await token(AIRFLOW_USER, 'guessed')).status).toBe(401);
    expect((await token('somebody', 'the-first-password')).status).toBe(401);
    const list = await users('');
    expect(list.status).toBe(302);
    expect(list.headers.get('location')).toContain('/auth/login/');
    expect(await logIn('guessed')).toBeUndefined();
  });

  test(
    'takes a new password from the secret, and ends sessions of the old one',
    async () => {
      const answer = await token(AIRFLOW_USER, 'the-first-password');
      expect(answer.status).toBe(201);
      const { access_token: bearer } = z.object({ access_token: z.string() }).parse(await answer.json());
      const dags = await fetch(`${url}/api/v2/dags`, { headers: { authorization: `Bearer ${bearer}` } });
      expect(dags.status).toBe(200);
      const session = (await logIn('the-first-password')) ?? '';
      expect((await users(session)).status).toBe(200);

      password('the-second-password');
      expect(await setup()).toBe(`login: ${AIRFLOW_USER} is given its new password`);
      expect((await users(session)).status).toBe(302);
      expect((await token(AIRFLOW_USER, 'the-first-password')).status).toBe(401);
      expect((await token(AIRFLOW_USER, 'the-second-password')).status).toBe(201);
    },
    10 * MINUTE_MS,
  );

  test('is refused in one line without the password when the file is not as expected', async () => {
    const login = (...args: string[]) =>
      execa(join(bin, 'python'), [path('host/login.py'), ...args], {
        env: environment(),
        extendEnv: false,
        reject: false,
      });
    writeFileSync(path('broken.json'), '"a-password-in-the-wrong-place"');
    expect(await login(path('broken.json'))).toMatchObject({
      ...{ exitCode: 1, stdout: '' },
      stderr: `login: ${path('broken.json')} is not a JSON object of one user name to a password`,
    });
    expect(await login()).toMatchObject({ exitCode: 2 });
  });
});
