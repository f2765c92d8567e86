import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { Kafka, logLevel } from 'kafkajs';
import { extract } from 'tar';
import { z } from 'zod';

import { archive } from '../../../../lib/assets/archive.ts';
import { specsContents } from '../../../../lib/druid/druid-specs.ts';
import { until } from '../../../../src/core/clock/until.ts';
import { DATA_SOURCES } from '../../../../src/druid/data-sources.ts';
import { repositoryPath } from '../../../../src/files/repository.ts';
import { withAdmin } from '../../../../src/kafka/admin.ts';
import { DRUID_NAME, PRIVATE_ADDRESS, startDruidHost, type TestDruidHost } from '../../../support/druid-host.ts';
import { startKafka, type TestKafka } from '../../../support/kafka.ts';
import { sendPowerraw } from '../../../support/powerraw.ts';

jest.setTimeout(300_000);

let druid: TestDruidHost;
let kafka: TestKafka;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igrid-specs-'));
  kafka = await startKafka();
  druid = await startDruidHost();
  await withAdmin(new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }), (admin) =>
    admin.createTopics({
      topics: DATA_SOURCES.map((topic) => ({ topic, numPartitions: 2 })),
      waitForLeaders: true,
    }),
  );
}, 420_000);

afterAll(async () => {
  await kafka.stop();
  await druid.stop();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

const environment = (): Record<string, string> => ({
  NODE_EXTRA_CA_CERTS: druid.authority,
  DRUID_URL: druid.url,
  DRUID_LOGIN: 'none',
  ADMIN_SECRET: 'none',
  KAFKA_AUTH: 'none',
  KAFKA_BROKERS: kafka.brokers,
});

const resolver = `--import=${repositoryPath('test/support/resolve-druid.mjs')}`;

/** What a deployment sends the host: unpacked and run as apply-specs.sh does. */
async function applySpecs(desired: Parameters<typeof specsContents>[0], env = environment()) {
  const { file } = archive({ name: 'specs', contents: specsContents(desired) });
  const target = await mkdtemp(join(folder, 'archive-'));
  await extract({ file, cwd: target });
  return execa(process.execPath, [resolver, join(target, 'src/druid/apply.mjs')], { env, reject: false });
}

const RUNNING = { state: 'running', maxIntervalMs: 1_250, powerrawTasks: 1, retentionDays: 10 } as const;

const lineSchema = z.looseObject({ event: z.string() });

/** The lines of the host's report, by another process: only there is the authority trusted. */
async function report() {
  const program = `
    import { DruidApi } from ${JSON.stringify(repositoryPath('src/druid/api.ts'))};
    import { report } from ${JSON.stringify(repositoryPath('src/hosts/druid/report.ts'))};
    console.log(JSON.stringify(await report(new DruidApi({ url: ${JSON.stringify(druid.url)} }), 1)));`;
  const { stdout } = await execa(
    process.execPath,
    ['--import=tsx', resolver, '--input-type=module', '--eval', program],
    { env: environment(), cwd: repositoryPath() },
  );
  return z.array(lineSchema).parse(JSON.parse(stdout));
}

/** A supervisor reports its new state with its next run, some seconds after it was told to change. */
async function supervisorsBecome(healthy: 0 | 1): Promise<void> {
  await until(
    async () => {
      const supervisors = (await report()).filter(({ event }) => event === 'supervisor');
      return supervisors.length === DATA_SOURCES.length && supervisors.every((line) => line.healthy === healthy);
    },
    {
      intervalMs: 1_000,
      timeoutMs: 60_000,
      otherwise: () => new Error(`not all supervisors report healthy = ${healthy}`),
    },
  );
}

describe('Druid as a host of the stack runs it', () => {
  test('brings its ingestion up from the archive of a deployment, over TLS, and reports it as well', async () => {
    const { exitCode, stdout, stderr } = await applySpecs(RUNNING);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe('{"event":"applied","state":"running"}');
    const supervisors = (await report()).filter(({ event }) => event === 'supervisor');
    expect(supervisors.map(({ data_source, healthy, lag }) => ({ data_source, healthy, lag }))).toEqual(
      DATA_SOURCES.map((data_source) => ({ data_source, healthy: 1, lag: 0 })),
    );
  });

  test('ingests through extensions that are folders of a distribution', async () => {
    const producer = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    const now = Date.now();
    await sendPowerraw(
      producer,
      Array.from({ length: 50 }, (_, index) => ({
        ...{ house_id: '1_0_1', appliance_id: '1_0_1_3', appliance_name: 'refrigerator' },
        ...{ timestamp: now - 50_000 + index * 1_000, power: 100, interval_ms: 1_000 },
      })),
    );
    await producer.disconnect();
    const count = async (): Promise<boolean> => {
      const response = await fetch(`http://127.0.0.1:${druid.ports.broker}/druid/v2/sql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'SELECT SUM("count") AS n FROM powerraw' }),
      });
      const rows = z.array(z.object({ n: z.number() })).safeParse(await response.json());
      return rows.data?.[0]?.n === 50;
    };
    await until(count, { intervalMs: 500, timeoutMs: 90_000 });
  });

  test('changes nothing when the same is applied again, and stops and resumes where it was', async () => {
    expect((await applySpecs(RUNNING)).exitCode).toBe(0);
    expect((await applySpecs({ state: 'suspended' })).exitCode).toBe(0);
    expect((await applySpecs({ state: 'suspended' })).exitCode).toBe(0);
    await supervisorsBecome(0);
    expect((await applySpecs(RUNNING)).exitCode).toBe(0);
    await supervisorsBecome(1);
  });

  test('is not spoken to by a client that does not trust its authority, and by none below TLS 1.2', async () => {
    const { exitCode, stderr } = await applySpecs(RUNNING, { ...environment(), NODE_EXTRA_CA_CERTS: '' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^apply-specs: .*(self-signed certificate|unable to get local issuer|unable to verify)/);
    const ca = await readFile(druid.authority);
    const speak = (maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string | null>((resolve, reject) => {
        const socket = connectTls({
          ...{ host: PRIVATE_ADDRESS, port: druid.routerPort, servername: DRUID_NAME, ca, maxVersion },
          minVersion: 'TLSv1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        });
        socket.once('secureConnect', () => {
          resolve(socket.getProtocol());
          socket.destroy();
        });
        socket.once('error', reject);
      });
    expect(await speak('TLSv1.3')).toBe('TLSv1.3');
    expect(await speak('TLSv1.2')).toBe('TLSv1.2');
    await expect(speak('TLSv1.1')).rejects.toThrow();
  });

  test('listens beyond loopback with nothing but the Router, and there with TLS alone', async () => {
    const accepts = (port: number) =>
      new Promise<boolean>((resolve) => {
        const socket = connectTcp({ host: PRIVATE_ADDRESS, port });
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      });
    expect(await accepts(druid.routerPort)).toBe(true);
    for (const port of Object.values(druid.ports)) {
      expect(await accepts(port)).toBe(false);
    }
    await expect(fetch(`http://${PRIVATE_ADDRESS}:${druid.routerPort}/status/health`)).rejects.toThrow();
  });

  test("keeps its secrets from everybody but root's group of processes", async () => {
    for (const name of ['secrets.env', 'router.p12', 'report-password']) {
      expect((await stat(join(druid.places.run, name))).mode & 0o777).toBe(0o600);
    }
    const { stdout } = await execa('ps', ['-eo', 'args']);
    expect(stdout).not.toContain('password-of-a-test');
    for (const service of ['router', 'broker', 'coordinator-overlord']) {
      const rendered = await readFile(join(druid.places.run, service, 'runtime.properties'), 'utf8');
      expect(rendered).not.toContain('password-of-a-test');
    }
  });
});
