import { randomBytes } from 'node:crypto';

import { escapeIdentifier, escapeLiteral } from 'pg';

import { scramVerifier } from './scram.ts';

/** What this needs of a PostgreSQL connection. */
export interface Connection {
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rowCount: number | null }>;
}

/** A part's own database and the role that owns it. */
export interface Tenant {
  /** Name of both the database and the role. */
  readonly name: string;
  readonly password: string;
}

/**
 * Makes the role and the database, or brings the password up to date; done again it changes nothing else. The database
 * is the tenant's alone: PostgreSQL lets everybody connect unless told otherwise.
 */
export async function ensureTenant(connection: Connection, { name, password }: Tenant): Promise<void> {
  const role = escapeIdentifier(name);
  const verifier = escapeLiteral(scramVerifier(password, randomBytes(16)));
  const { rowCount: roles } = await connection.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  await connection.query(`${roles === 0 ? 'CREATE' : 'ALTER'} ROLE ${role} LOGIN PASSWORD ${verifier}`);

  const { rowCount: databases } = await connection.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (databases === 0) {
    // RDS' master is no superuser: it must be a member of the role that it gives a database to.
    await connection.query(`GRANT ${role} TO CURRENT_USER`);
    await connection.query(`CREATE DATABASE ${role} OWNER ${role}`);
  }
  await connection.query(`REVOKE ALL ON DATABASE ${role} FROM PUBLIC`);
}
