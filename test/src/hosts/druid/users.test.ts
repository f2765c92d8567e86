import { afterEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { DruidApi, DruidError } from '../../../../src/druid/api.ts';
import { READERS } from '../../../../src/druid/users.ts';
import { ensureReader, permissionsOf } from '../../../../src/hosts/druid/users.ts';
import { type Answer, type Asked, standIn } from './stand-in.ts';

const AUTHENTICATION = '/druid-ext/basic-security/authentication/db/basic';
const AUTHORIZATION = '/druid-ext/basic-security/authorization/db/basic';

/** The Coordinator's interface as its source has it: it refuses to make, or to assign, what is there. */
class Coordinator {
  readonly passwords = new Map<string, string>();
  readonly logins = new Set(['admin', 'druid_system']);
  readonly users = new Map<string, Set<string>>([['admin', new Set(['admin'])]]);
  readonly roles = new Map<string, unknown>([['admin', []]]);

  answer({ method, path, body }: Asked): Answer {
    const [, kind, what, name = '', detail, role = ''] =
      /^\/druid-ext\/basic-security\/(\w+)\/db\/basic\/(users|roles)(?:\/(\w+))?(?:\/(\w+))?(?:\/(\w+))?$/.exec(path) ??
      [];
    const refuse: Answer = { status: 400, body: { error: 'refused' } };
    if (kind === 'authentication') {
      if (method === 'GET') {
        return { body: [...this.logins] };
      }
      if (detail === 'credentials') {
        if (!this.logins.has(name)) {
          return refuse;
        }
        this.passwords.set(name, z.object({ password: z.string() }).parse(body).password);
        return {};
      }
      return this.logins.has(name) ? refuse : (this.logins.add(name), {});
    }
    if (what === 'roles') {
      if (method === 'GET') {
        return { body: [...this.roles.keys()] };
      }
      if (detail === 'permissions') {
        return this.roles.has(name) ? (this.roles.set(name, body), {}) : refuse;
      }
      return this.roles.has(name) ? refuse : (this.roles.set(name, []), {});
    }
    if (method === 'GET') {
      return { body: name === '' ? [...this.users.keys()] : { name, roles: [...(this.users.get(name) ?? [])] } };
    }
    const user = this.users.get(name);
    if (detail === 'roles') {
      return !user || !this.roles.has(role) || user.has(role) ? refuse : (user.add(role), {});
    }
    return user ? refuse : (this.users.set(name, new Set()), {});
  }
}

describe("Druid's readers", () => {
  let server: Awaited<ReturnType<typeof standIn>>;
  afterEach(() => server.stop());

  test('are there after one run, with their passwords and roles, and no different after another', async () => {
    const coordinator = new Coordinator();
    server = await standIn((asked) => coordinator.answer(asked));
    const api = new DruidApi({ url: server.url, login: { user: 'admin', password: 'secret' } });
    for (const password of ['first', 'second']) {
      for (const user of READERS) {
        await ensureReader(api, user, password);
      }
    }
    expect([...coordinator.passwords]).toEqual(READERS.map((user) => [user, 'second']));
    for (const user of READERS) {
      expect([...(coordinator.users.get(user) ?? [])]).toEqual([user]);
      expect(coordinator.roles.get(user)).toEqual(permissionsOf(user));
    }
    const made = server.asked.filter(
      ({ method, path }) => method === 'POST' && path === `${AUTHENTICATION}/users/canary`,
    );
    expect(made).toHaveLength(1);
    expect(new Set(server.asked.map(({ authorization }) => authorization))).toEqual(
      new Set([`Basic ${Buffer.from('admin:secret').toString('base64')}`]),
    );
  });

  test('are not passed over when Druid refuses', async () => {
    server = await standIn(({ path }) =>
      path.startsWith(AUTHORIZATION) ? { status: 403, body: { error: 'forbidden' } } : { body: [] },
    );
    const api = new DruidApi({ url: server.url });
    await expect(ensureReader(api, 'canary', 'password')).rejects.toThrow(DruidError);
  });
});

test('no reader of Druid may write anything, or read more than it needs', () => {
  const permission = z.object({ resource: z.object({ type: z.string(), name: z.string() }), action: z.string() });
  for (const user of READERS) {
    const permissions = z.array(permission).parse(permissionsOf(user));
    expect(new Set(permissions.map(({ action }) => action))).toEqual(new Set(['READ']));
    // Names are regular expressions to Druid.
    for (const { resource } of permissions) {
      expect(resource.name).toMatch(/^[A-Za-z]+$/);
    }
  }
  expect(permissionsOf('canary')).toEqual([
    { resource: { type: 'DATASOURCE', name: 'powerraw' }, action: 'READ' },
    { resource: { type: 'DATASOURCE', name: 'dutycycle' }, action: 'READ' },
  ]);
});
