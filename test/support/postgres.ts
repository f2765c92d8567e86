/** A PostgreSQL server of Debian's package for a test, on a port of the loopback address. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import getPort from 'get-port';

const PACKAGE = '/usr/lib/postgresql';

export interface TestPostgres {
  readonly port: number;
  readonly user: string;
  readonly database: string;
  stop(): Promise<void>;
}

/** Whether this computer has PostgreSQL: `apt-get install postgresql`, as the rehearsal asks for it. */
export const hasPostgres = (): boolean => existsSync(PACKAGE);

export async function startPostgres(): Promise<TestPostgres> {
  const version = readdirSync(PACKAGE).sort().at(-1) ?? '';
  const program = (name: string): string => join(PACKAGE, version, 'bin', name);
  // It refuses to run as root.
  const as = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : ['env'];
  const [command = 'env', ...prefix] = as;
  const run = (...args: string[]) => execa(command, [...prefix, ...args]);
  const folder = mkdtempSync(join(tmpdir(), 'igrid-postgres-'));
  chmodSync(folder, 0o777);
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(data, 0o777);
  const port = await getPort();
  const user = 'airflow';
  await run(program('initdb'), '--username', user, '--auth=trust', '--no-sync', join(data, 'cluster'));
  const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories= -c fsync=off`;
  const log = join(data, 'log');
  await run(
    program('pg_ctl'),
    'start',
    '--wait',
    '--pgdata',
    join(data, 'cluster'),
    '--log',
    log,
    '--options',
    options,
  );
  return {
    port,
    user,
    database: 'postgres',
    stop: async () => {
      await run(program('pg_ctl'), 'stop', '--mode=immediate', '--pgdata', join(data, 'cluster'));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
