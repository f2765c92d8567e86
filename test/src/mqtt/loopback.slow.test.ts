import { generateKeyPairSync } from 'node:crypto';
import { connect } from 'node:tls';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import mqtt from 'mqtt';

import { createAuthority } from '../../../lambda/foundation/certificate-authority/authority.ts';
import { until } from '../../../src/core/clock/until.ts';
import type { Command } from '../../../src/core/shed/command.ts';
import type { Report, ReportFault } from '../../../src/core/shed/reports.ts';
import { openHouseLink } from '../../../src/dispatch/run/house-link.ts';
import { HouseClient } from '../../../src/homes/house-client.ts';
import { houseRules } from '../../../src/homes/house-rules.ts';
import { emptyMemory } from '../../../src/homes/memory.ts';
import { MqttBroker } from '../../../src/mqtt/broker.ts';
import { MqttConnection } from '../../../src/mqtt/connection.ts';
import { DISPATCHER_IDENTITY } from '../../../src/mqtt/permissions.ts';
import { SERVER_NAME, startBroker, type TestBroker } from '../../support/mqtt.ts';

const HOUSE = '1_0_1';
const NEIGHBOUR = '1_0_2';
const FRIDGE = '1_0_1_5';

const pair = generateKeyPairSync('ed25519');
const key = { id: 'k1', key: pair.privateKey };
const keys = new Map([['k1', pair.publicKey]]);
const rules = houseRules([{ id: FRIDGE, name: 'refrigerator' }], 24);

let hub: TestBroker;
beforeAll(async () => {
  hub = await startBroker();
}, 60_000);
afterAll(async () => {
  await hub.close();
});

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const keep = <One extends { close: () => Promise<void> }>(one: One): One => {
  open.push(one);
  return one;
};

async function dispatcher() {
  const reports: Report[] = [];
  const faults: ReportFault[] = [];
  const link = keep(
    await openHouseLink(await hub.settingsOf(DISPATCHER_IDENTITY), key, {
      onReport: (report) => reports.push(report),
      onFault: (fault) => faults.push(fault),
    }),
  );
  return { link, reports, faults };
}

async function house(seq = 0) {
  const switched: [string, boolean][] = [];
  const kept: number[] = [];
  const client = keep(
    await HouseClient.start({
      gateway: { house: HOUSE, rules, keys, memory: { ...emptyMemory(), lastSeq: seq } },
      mqtt: await hub.settingsOf(HOUSE),
      switchAppliance: (appliance, isOn) => switched.push([appliance, isOn]),
      remember: (memory) => {
        kept.push(memory.lastSeq);
        return Promise.resolve();
      },
    }),
  );
  return { client, switched, kept };
}

function command(patch: Partial<Command> = {}): Command {
  const nowMs = Date.now();
  const calls = patch.calls ?? [{ appliance: FRIDGE, not_before: nowMs, until: nowMs + 700 }];
  return {
    version: 1,
    house: HOUSE,
    event: 'e1',
    seq: nowMs,
    issued: nowMs,
    not_before: Math.min(nowMs, ...calls.map(({ not_before }) => not_before)),
    until: Math.max(nowMs, ...calls.map(({ until: end }) => end)),
    start_jitter_ms: 0,
    release_jitter_ms: 0,
    reason: 'test',
    ...patch,
    calls,
  };
}

/** A client that obeys nobody: what a leaked certificate can do. */
async function rogue(name: string, clientId = name) {
  const { credentials } = await hub.settingsOf(name);
  const client = mqtt.connect(`mqtts://127.0.0.1:${hub.broker.port}`, {
    clientId,
    servername: SERVER_NAME,
    cert: credentials.certificate,
    key: credentials.privateKey,
    ca: credentials.authority,
    reconnectPeriod: 0,
  });
  keep({ close: () => client.endAsync(true) });
  const answer = await new Promise<'connected' | Error>((resolve) => {
    client.once('connect', () => resolve('connected'));
    client.once('error', resolve);
  });
  client.on('error', () => undefined);
  return { client, answer };
}

const closed = (client: mqtt.MqttClient): Promise<void> =>
  new Promise((resolve) => client.once('close', () => resolve()));

describe('over MQTT', () => {
  test('a command reaches its house, which answers, switches, and says so', async () => {
    const { link, reports } = await dispatcher();
    const { switched, kept } = await house();
    const sent = command();
    await link.send(sent);
    const find = (type: Report['type']) => reports.filter((one) => one.type === type);
    await until(() => find('acknowledgement').length > 0, { timeoutMs: 5_000 });
    expect(find('acknowledgement')).toMatchObject([{ house: HOUSE, event: 'e1', seq: sent.seq, accepted: [FRIDGE] }]);
    await until(() => switched.length === 2, { timeoutMs: 5_000 });
    expect(switched).toEqual([
      [FRIDGE, false],
      [FRIDGE, true],
    ]);
    await until(() => find('state').some((one) => JSON.stringify(one).includes('"released"')), { timeoutMs: 5_000 });
    expect(kept).toContain(sent.seq);
  }, 30_000);

  test('a stop releases what is off, and an opt-out too', async () => {
    const { link, reports } = await dispatcher();
    const { client, switched } = await house();
    const long = [{ appliance: FRIDGE, not_before: Date.now(), until: Date.now() + 30_000 }];
    await link.send(command({ calls: long }));
    await until(() => client.off.length === 1, { timeoutMs: 5_000 });
    const issued = Date.now();
    await link.stop({ version: 1, seq: issued, issued, release_jitter_ms: 0, reason: 'test' });
    await until(() => client.off.length === 0, { timeoutMs: 5_000 });
    expect(switched.at(-1)).toEqual([FRIDGE, true]);
    client.optOut({ appliance: FRIDGE });
    await until(() => reports.some((one) => one.type === 'optouts' && one.optouts.length > 0), { timeoutMs: 5_000 });
  }, 30_000);

  test('a command that is sent while the house is away waits for it', async () => {
    const { link, reports } = await dispatcher();
    const first = await house();
    await first.client.close();
    open.splice(open.indexOf(first.client), 1);
    const sent = command({ calls: [{ appliance: FRIDGE, not_before: Date.now(), until: Date.now() + 30_000 }] });
    await link.send(sent);
    const { client } = await house();
    await until(() => client.off.length === 1, { timeoutMs: 5_000 });
    await until(() => reports.some((one) => one.type === 'acknowledgement' && one.seq === sent.seq), {
      timeoutMs: 5_000,
    });
  }, 30_000);

  test('what is no report is counted under its reason', async () => {
    const { faults } = await dispatcher();
    const { client } = await rogue(NEIGHBOUR);
    await client.publishAsync(`igrid/v1/${NEIGHBOUR}/ack`, 'no JSON', { qos: 1 });
    await client.publishAsync(`igrid/v1/${NEIGHBOUR}/ack`, '{}', { qos: 1 });
    await until(() => faults.length === 2, { timeoutMs: 5_000 });
    expect(faults).toEqual(['json', 'shape']);
  }, 30_000);
});

test('after a restart of the broker, houses say again what holds', async () => {
  const other = await startBroker();
  const { port } = other.broker;
  const settings = await other.settingsOf(HOUSE);
  const client = keep(
    await HouseClient.start({
      gateway: { house: HOUSE, rules, keys },
      mqtt: settings,
      switchAppliance: () => undefined,
    }),
  );
  client.optOut({});
  await other.close();
  const again = keep(await MqttBroker.start({ port, credentials: await other.credentialsOf(SERVER_NAME) }));
  const reports: Report[] = [];
  keep(
    await openHouseLink(await other.settingsOf(DISPATCHER_IDENTITY), key, {
      onReport: (report) => reports.push(report),
      onFault: () => undefined,
    }),
  );
  await until(() => reports.some((one) => one.type === 'optouts' && one.optouts.length === 1), { timeoutMs: 10_000 });
  expect(again.refused.size).toBe(0);
}, 30_000);

describe('the broker', () => {
  const refusals = (reason: Parameters<TestBroker['broker']['refused']['get']>[0]): number =>
    hub.broker.refused.get(reason) ?? 0;

  test.each([
    `igrid/v1/${HOUSE}/ack`,
    `igrid/v1/${HOUSE}/command`,
    `igrid/v1/${NEIGHBOUR}/command`,
    'igrid/v1/all/stop',
  ])(
    'disconnects a house that publishes %s of another',
    async (topic) => {
      const { reports } = await dispatcher();
      const { client } = await rogue(NEIGHBOUR);
      const before = refusals('publish');
      const gone = closed(client);
      client.publish(topic, '{}', { qos: 1 });
      await gone;
      expect(refusals('publish')).toBe(before + 1);
      expect(reports).toEqual(reports.filter((one) => one.house !== NEIGHBOUR));
    },
    30_000,
  );

  test.each([`igrid/v1/${HOUSE}/command`, 'igrid/v1/+/command', `igrid/v1/${HOUSE}/state`, '#', '$SYS/#'])(
    "refuses a neighbour's subscription to %s",
    async (topic) => {
      const { client } = await rogue(NEIGHBOUR);
      const before = refusals('subscribe');
      const granted = await client.subscribeAsync(topic, { qos: 1 }).then(
        (list) => list.map(({ qos }): number => qos),
        () => [128],
      );
      expect(granted.every((qos) => qos >= 128)).toBe(true);
      expect(refusals('subscribe')).toBe(before + 1);
    },
    30_000,
  );

  test("lets nobody take over another's session", async () => {
    const before = refusals('identity');
    const { client } = await house();
    const { answer } = await rogue(NEIGHBOUR, HOUSE);
    expect(answer).toBeInstanceOf(Error);
    expect(refusals('identity')).toBe(before + 1);
    client.optIn(FRIDGE);
    expect(hub.broker.clients).toBe(1);
  }, 30_000);

  test('refuses certificates of another authority, and clients without one', async () => {
    const before = refusals('certificate');
    const stranger = await createAuthority('stranger', new Date());
    const forged = await hub.credentialsOf(HOUSE, stranger);
    for (const own of [{ cert: forged.certificate, key: forged.privateKey }, {}]) {
      await new Promise<void>((resolve) => {
        const socket = connect(
          { port: hub.broker.port, host: '127.0.0.1', servername: SERVER_NAME, ca: forged.authority, ...own },
          () => undefined,
        );
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        socket.resume();
      });
    }
    expect(refusals('certificate')).toBe(before + 2);
  }, 30_000);

  test('is refused by clients that do not know its authority', async () => {
    const stranger = await createAuthority('stranger', new Date());
    const settings = await hub.settingsOf(HOUSE);
    const troubles: string[] = [];
    const opened = MqttConnection.open(
      {
        ...settings,
        connectTimeoutMs: 1_000,
        identity: HOUSE,
        credentials: { ...settings.credentials, authority: stranger.certificate },
      },
      { onMessage: () => undefined, onTrouble: (trouble) => troubles.push(trouble) },
    );
    opened.catch(() => undefined);
    await until(() => troubles.length > 0, { timeoutMs: 5_000 });
    expect(troubles[0]).toMatch(/certificate/);
    await expect(opened).rejects.toThrow('mqtts://127.0.0.1');
  }, 30_000);
});
