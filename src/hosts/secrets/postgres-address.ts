/** Addresses of the metadata database, with its password and the certificates that it is verified by. */
import type { Login } from './secret-source.ts';

export interface PostgresPlace {
  readonly host: string;
  readonly port: number;
  /** PEM file with the certificates that the server's must come from. */
  readonly authority: string;
}

/** SQLAlchemy's address for psycopg2, which is libpq's: the server's name and certificate are verified. */
export function postgresAddress(place: PostgresPlace, user: Login): string {
  const trust = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: place.authority });
  return `postgresql+psycopg2://${authority(place, user)}?${trust.toString()}`;
}

/** SQLAlchemy's address for asyncpg. It takes the certificates from libpq's variable PGSSLROOTCERT alone, and fails without. */
export function asyncPostgresAddress(place: PostgresPlace, user: Login): string {
  return `postgresql+asyncpg://${authority(place, user)}?ssl=verify-full`;
}

/** A tenant's database has its role's name. */
function authority({ host, port }: PostgresPlace, { username, password }: Login): string {
  const user = encodeURIComponent(username);
  return `${user}:${encodeURIComponent(password)}@${host}:${port}/${user}`;
}
