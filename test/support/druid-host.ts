/** The Druid of a host of the stack on this machine: the very configuration, from a distribution made of Maven's jars. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import getPort from 'get-port';

import { setUp } from '../../engines/setup/set-up.ts';
import type { EngineProcess } from '../../engines/supervision/engine.ts';
import { Supervisor } from '../../engines/supervision/supervisor.ts';
import { createAuthority, issue } from '../../lambda/foundation/certificate-authority/authority.ts';
import { DRUID_SERVICES } from '../../src/druid/settings.ts';
import type { HostPorts, Places } from '../../src/hosts/druid/places.ts';
import { SECRETS_FILE } from '../../src/hosts/druid/places.ts';
import { prepare } from '../../src/hosts/druid/prepare.ts';
import { parseHostSettings } from '../../src/hosts/druid/settings.ts';
import type { AskSecret } from '../../src/hosts/secrets/secret-source.ts';

/** Another loopback address than that of everything else: the host's own, as it were. */
export const PRIVATE_ADDRESS = '127.0.0.2';
export const DRUID_NAME = 'druid.igrid.internal';

export interface TestDruidHost {
  readonly url: string;
  readonly routerPort: number;
  readonly ports: HostPorts;
  /** PEM file. */
  readonly authority: string;
  readonly places: Places;
  readonly stop: () => Promise<void>;
}

/** What Secrets Manager would answer, by ARN. */
async function secretsOf(folder: string): Promise<AskSecret> {
  const authority = await createAuthority('test', new Date());
  await writeFile(join(folder, 'ca.pem'), authority.certificate);
  const login = (username: string) => ({ username, password: `${username}-password-of-a-test` });
  const values: Readonly<Record<string, unknown>> = {
    certificate: await issue(authority, [DRUID_NAME], new Date()),
    metadata: login('druid'),
    admin: login('admin'),
    internal: login('druid_system'),
    report: login('report'),
  };
  return (id, shape) => Promise.resolve(shape.parse(values[id]));
}

/** lib/ and extensions/ as a mirror would serve them. */
async function distribution(folder: string, jars: string, avroExtension: string): Promise<void> {
  const kafka = join(folder, 'extensions', 'druid-kafka-indexing-service');
  const avro = join(folder, 'extensions', 'druid-avro-extensions');
  for (const path of [kafka, avro, join(folder, 'lib')]) {
    await mkdir(path, { recursive: true });
  }
  for (const jar of (await readdir(jars)).filter((name) => name.endsWith('.jar'))) {
    const isKafka = /^(druid-kafka-indexing-service|kafka-clients)-/.test(jar);
    await symlink(join(jars, jar), join(isKafka ? kafka : join(folder, 'lib'), jar));
  }
  await cp(avroExtension, join(avro, basename(avroExtension)));
}

/** Starts it; resolves when every process is healthy. */
export async function startDruidHost(): Promise<TestDruidHost> {
  const { tools, druidJars, avroExtension } = await setUp(() => undefined);
  const root = await mkdtemp(join(tmpdir(), 'igrid-druid-host-'));
  const places: Places = {
    run: join(root, 'run'),
    disk: root,
    cache: join(root, 'cache'),
    state: join(root, 'state'),
    distribution: join(root, 'druid'),
    databaseAuthority: join(root, 'rds.pem'),
    units: join(root, 'units'),
  };
  await mkdir(places.state);
  await mkdir(join(root, 'logs'));
  await distribution(places.distribution, druidJars, avroExtension);
  const ports: HostPorts = {
    ...{ zookeeper: await getPort(), derby: await getPort(), 'coordinator-overlord': await getPort() },
    ...{ broker: await getPort(), historical: await getPort(), indexer: await getPort() },
  };
  const routerPort = await getPort({ host: PRIVATE_ADDRESS });
  const url = `https://${DRUID_NAME}:${routerPort}`;
  const settings = parseHostSettings({
    ...{ DRUID_URL: url, ROUTER_PORT: String(routerPort), PRIVATE_ADDRESS },
    ...{ NETWORK_INTERFACE_ID: 'eni-1', SUBNET_CIDR: '127.0.0.0/24', CERTIFICATE_SECRET: 'certificate' },
    ...{ DRUID_METADATA: 'derby', METADATA_HOST: 'none', METADATA_PORT: '5432', METADATA_SECRET: 'metadata' },
    ...{ DRUID_STORAGE: 'local', SEGMENTS_BUCKET: 'none', DRUID_LOGIN: 'none', ADMIN_SECRET: 'admin' },
    ...{ INTERNAL_SECRET: 'internal', SUPERSET_SECRET: 'superset', HISTORY_SECRET: 'history' },
    ...{ CANARY_SECRET: 'canary', REPORT_SECRET: 'report', DRUID_MEMORY_MB: '2100' },
  });
  await prepare(settings, places, await secretsOf(root), ports);
  const env = variables(await readFile(join(places.run, SECRETS_FILE), 'utf8'));

  const process = (name: string, healthy: string, args: readonly string[]): EngineProcess => ({
    name,
    command: tools.java,
    args: [...args],
    cwd: join(places.run, name),
    env,
    isHealthy: async () => (await fetch(healthy, { signal: AbortSignal.timeout(2_000) })).ok,
    stopTimeoutMs: 40_000,
  });
  const classPath = ['-cp', `${places.distribution}/lib/*`];
  const main = ['-XX:TieredStopAtLevel=1', '@jvm.config', ...classPath, 'org.apache.druid.cli.Main', 'server'];
  const supervisor = new Supervisor(join(root, 'logs'), join(root, 'processes.json'));
  await supervisor.start([
    {
      ...process('zookeeper', '', [
        ...['-Xmx64m', '-XX:+UseSerialGC', ...classPath],
        ...['org.apache.zookeeper.server.ZooKeeperServerMain', 'zoo.cfg'],
      ]),
      isHealthy: () => Promise.resolve(true),
    },
    ...DRUID_SERVICES.map((service): EngineProcess => {
      const command = service === 'coordinator-overlord' ? 'coordinator' : service;
      const base = process(service, '', [...main, command]);
      if (service === 'router') {
        return { ...base, isHealthy: () => Promise.resolve(true) };
      }
      const healthy = { broker: '/druid/broker/v1/readiness', historical: '/druid/historical/v1/readiness' };
      const path = service === 'broker' || service === 'historical' ? healthy[service] : '/status/health';
      return process(service, `http://127.0.0.1:${ports[service]}${path}`, [...main, command]);
    }),
  ]);
  return {
    ...{ url, routerPort, ports, places },
    authority: join(root, 'ca.pem'),
    stop: async () => {
      await supervisor.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** As systemd reads the file. */
function variables(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)="(.*)"$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}
