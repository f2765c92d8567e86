/**
 * Druid's users beside its own two, through the Coordinator's interface of the extension druid-basic-security
 * (https://druid.apache.org/docs/33.0.0/development/extensions-core/druid-basic-security/). Each reader has one role of
 * the same name.
 */
import { z } from 'zod';

import type { Json } from '../../core/templates/template.ts';
import type { DruidApi } from '../../druid/api.ts';
import { DATA_SOURCES, type DataSource } from '../../druid/data-sources.ts';
import type { DruidReader } from '../../druid/users.ts';

const AUTHENTICATION = '/druid-ext/basic-security/authentication/db/basic';
const AUTHORIZATION = '/druid-ext/basic-security/authorization/db/basic';

interface Permissions {
  readonly dataSources: readonly DataSource[];
  /** May see which servers there are: sys.servers asks for it. */
  readonly seesServers: boolean;
}

/** What each reader may see; none of them may change anything. */
const PERMISSIONS: Readonly<Record<DruidReader, Permissions>> = {
  superset: { dataSources: DATA_SOURCES, seesServers: false },
  history: { dataSources: ['powerraw'], seesServers: true },
  canary: { dataSources: ['powerraw', 'dutycycle'], seesServers: false },
  report: { dataSources: DATA_SOURCES, seesServers: true },
};

const names = z.array(z.string());

/**
 * Brings a reader, its password and its role to what they should be. Done again it changes nothing but the salt of the
 * password.
 *
 * @param coordinator the Coordinator itself, as `admin`: the Router does not pass this interface on.
 * @throws DruidError when the Coordinator is away or refuses.
 */
export async function ensureReader(coordinator: DruidApi, user: DruidReader, password: string): Promise<void> {
  await ensure(coordinator, `${AUTHENTICATION}/users`, user);
  await coordinator.request('POST', `${AUTHENTICATION}/users/${user}/credentials`, { password });

  await ensure(coordinator, `${AUTHORIZATION}/users`, user);
  await ensure(coordinator, `${AUTHORIZATION}/roles`, user);
  await coordinator.request('POST', `${AUTHORIZATION}/roles/${user}/permissions`, permissionsOf(user));
  const { roles } = await coordinator.get(`${AUTHORIZATION}/users/${user}`, z.object({ roles: names }));
  if (!roles.includes(user)) {
    await coordinator.request('POST', `${AUTHORIZATION}/users/${user}/roles/${user}`);
  }
}

/** The names of data sources are regular expressions to Druid; ours stand for themselves. */
export function permissionsOf(user: DruidReader): Json {
  const { dataSources, seesServers } = PERMISSIONS[user];
  const read = (type: string, name: string): Json => ({ resource: { type, name }, action: 'READ' });
  return [...dataSources.map((name) => read('DATASOURCE', name)), ...(seesServers ? [read('STATE', 'STATE')] : [])];
}

/** Druid refuses to make what is there. */
async function ensure(coordinator: DruidApi, path: string, name: string): Promise<void> {
  if (!(await coordinator.get(path, names)).includes(name)) {
    await coordinator.request('POST', `${path}/${name}`);
  }
}
