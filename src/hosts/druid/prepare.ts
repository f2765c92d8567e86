/** What Druid's processes need before they start: their configuration, their secrets, their folders. */
import { chmod, chown, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { renderDruid, renderZookeeper } from '../../druid/configuration.ts';
import { DRUID_SERVICES, SECRET_VARIABLES } from '../../druid/settings.ts';
import type { AskSecret } from '../secrets/secret-source.ts';
import { druidSettings, machineSize } from './druid-settings.ts';
import { keyStore } from './key-store.ts';
import {
  CERTIFICATE_ALIAS,
  HOST_PORTS,
  type HostPorts,
  KEY_STORE,
  LOOPBACK,
  type Places,
  REPORT_PASSWORD,
  SECRETS_FILE,
} from './places.ts';
import { certificateSchema, loginSchema } from './secrets.ts';
import type { DruidHostSettings } from './settings.ts';
import { hostSizes } from './sizes.ts';

/**
 * Reads the secrets, and writes what follows from them and from the settings. Done again it brings all up to date.
 *
 * @param ports loopback ports. Default: {@link HOST_PORTS}.
 * @throws Error when a secret can't be read or is not as expected.
 */
export async function prepare(
  settings: DruidHostSettings,
  places: Places,
  ask: AskSecret,
  ports: HostPorts = HOST_PORTS,
): Promise<void> {
  await mkdir(places.run, { recursive: true });
  const role = await ask(settings.METADATA_SECRET, loginSchema);
  const router = await keyStore(
    await ask(settings.CERTIFICATE_SECRET, certificateSchema),
    CERTIFICATE_ALIAS,
    places.run,
  );
  const admin = await ask(settings.ADMIN_SECRET, loginSchema);
  const internal = await ask(settings.INTERNAL_SECRET, loginSchema);
  const report = await ask(settings.REPORT_SECRET, loginSchema);

  const owner = await stat(places.state);
  const folder = async (path: string): Promise<void> => {
    await mkdir(path, { recursive: true });
    await chown(path, owner.uid, owner.gid);
  };
  const secret = async (name: string, content: string | Uint8Array, isForDruid: boolean): Promise<void> => {
    const path = join(places.run, name);
    await writeFile(`${path}.part`, content, { mode: 0o600 });
    await chmod(`${path}.part`, 0o600);
    if (isForDruid) {
      await chown(`${path}.part`, owner.uid, owner.gid);
    }
    await rename(`${path}.part`, path);
  };

  await folder(places.cache);
  const size = await machineSize(places.disk, settings.DRUID_MEMORY_MB);
  const druid = druidSettings(settings, hostSizes(size), places, role.username, ports);
  const files = await renderDruid(druid);
  for (const service of DRUID_SERVICES) {
    const path = join(places.run, service);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'runtime.properties'), files[service].runtimeProperties);
    await writeFile(join(path, 'jvm.config'), files[service].jvmConfig);
    await folder(join(places.cache, service));
    await folder(join(places.cache, service, 'lookups'));
  }
  for (const name of ['tmp', 'processing']) {
    await folder(join(places.cache, name));
  }
  await mkdir(join(places.run, 'zookeeper'), { recursive: true });
  await writeFile(
    join(places.run, 'zookeeper', 'zoo.cfg'),
    await renderZookeeper({ host: LOOPBACK, port: ports.zookeeper, directory: join(places.state, 'zookeeper') }),
  );

  // systemd reads the variables as root; Druid itself reads the other two.
  const variables = {
    [SECRET_VARIABLES.metadataPassword]: role.password,
    [SECRET_VARIABLES.adminPassword]: admin.password,
    [SECRET_VARIABLES.internalPassword]: internal.password,
    [SECRET_VARIABLES.keyStorePassword]: router.password,
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`);
  await secret(SECRETS_FILE, lines.join(''), false);
  await secret(KEY_STORE, router.bytes, true);
  await secret(REPORT_PASSWORD, report.password, true);
}
