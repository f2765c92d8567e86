import { describe, expect, test } from '@jest/globals';

import { type Connection, ensureTenant } from '../../../../lambda/foundation/database-roles/roles.ts';
import { scramVerifier } from '../../../../lambda/foundation/database-roles/scram.ts';

/** Answers as a PostgreSQL that has, or has not, the role and the database. */
class Postgres implements Connection {
  readonly #has: { readonly role: boolean; readonly database: boolean };
  readonly statements: string[] = [];
  constructor(has: { readonly role: boolean; readonly database: boolean }) {
    this.#has = has;
  }
  query(text: string): Promise<{ rowCount: number }> {
    this.statements.push(text);
    const isThere = text.includes('pg_roles') ? this.#has.role : this.#has.database;
    return Promise.resolve({ rowCount: isThere ? 1 : 0 });
  }
}

const PASSWORD = 'correct-horse-battery-staple';

describe('a tenant of the metadata database', () => {
  test('gets a role and a database that is closed to others', async () => {
    const postgres = new Postgres({ role: false, database: false });
    await ensureTenant(postgres, { name: 'druid', password: PASSWORD });
    const text = postgres.statements.join('\n');
    expect(text).toMatch(/CREATE ROLE "druid" LOGIN PASSWORD 'SCRAM-SHA-256\$4096:/);
    expect(text).toContain('CREATE DATABASE "druid" OWNER "druid"');
    expect(text).toContain('REVOKE ALL ON DATABASE "druid" FROM PUBLIC');
  });

  test('that is there keeps its database and gets its password of today', async () => {
    const postgres = new Postgres({ role: true, database: true });
    await ensureTenant(postgres, { name: 'druid', password: PASSWORD });
    expect(postgres.statements.join('\n')).toMatch(/ALTER ROLE "druid" LOGIN PASSWORD/);
    expect(postgres.statements.filter((statement) => statement.startsWith('CREATE'))).toEqual([]);
  });

  test('never has its password in a statement', async () => {
    const postgres = new Postgres({ role: false, database: false });
    await ensureTenant(postgres, { name: 'druid', password: PASSWORD });
    expect(postgres.statements.join('\n')).not.toContain(PASSWORD);
  });
});

describe('a SCRAM verifier', () => {
  test("is that of RFC 7677's example exchange", () => {
    // User "user", password "pencil", this salt, 4096 iterations: the server key signs the example's final message.
    const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
    expect(verifier).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  test('refuses what SASLprep would change', () => {
    expect(() => scramVerifier('pässword', Buffer.alloc(16))).toThrow('printable ASCII');
  });
});
