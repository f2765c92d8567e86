import { generateKeyPairSync } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';

import { until } from '../../../../src/core/clock/until.ts';
import { dispatchApi } from '../../../../src/dispatch/api/server.ts';
import { TrailCheck } from '../../../../src/dispatch/audit-check/verify.ts';
import { dispatchPolicyOf } from '../../../../src/dispatch/event/dispatch-policy.ts';
import { MemoryLog, MemoryTopics } from '../../../../src/dispatch/log/memory-log.ts';
import { Dispatcher, WALL_CLOCK } from '../../../../src/dispatch/run/dispatcher.ts';
import { openHouseLink } from '../../../../src/dispatch/run/house-link.ts';
import { parseCommandLine } from '../../../../src/dispatch/shed/command-line.ts';
import { runShed } from '../../../../src/dispatch/shed/run.ts';
import { HouseClient } from '../../../../src/homes/house-client.ts';
import { houseRules } from '../../../../src/homes/house-rules.ts';
import { DISPATCHER_IDENTITY } from '../../../../src/mqtt/permissions.ts';
import { startBroker, type TestBroker } from '../../../support/mqtt.ts';
import { applianceOf, planningOf } from './simulated-grid.ts';

const HOUSES = ['1_0_0', '1_0_1', '1_0_2'];
const WAIT = { timeoutMs: 10_000 };

const pair = generateKeyPairSync('ed25519');
const topics = new MemoryTopics();
const switched: string[] = [];

let hub: TestBroker;
let clients: HouseClient[];
let dispatcher: Dispatcher;
let server: FastifyInstance;
let url: string;

beforeAll(async () => {
  hub = await startBroker();
  clients = await Promise.all(
    HOUSES.map(async (house) =>
      HouseClient.start({
        gateway: {
          house,
          rules: houseRules([{ id: applianceOf(house), name: 'refrigerator' }], 24),
          keys: new Map([['k1', pair.publicKey]]),
        },
        mqtt: await hub.settingsOf(house),
        switchAppliance: (appliance, isOn) => switched.push(`${appliance} ${isOn ? 'on' : 'off'}`),
      }),
    ),
  );
  const mqtt = await hub.settingsOf(DISPATCHER_IDENTITY);
  dispatcher = await Dispatcher.start({
    log: new MemoryLog(topics),
    openLink: (handlers) => openHouseLink(mqtt, { id: 'k1', key: pair.privateKey }, handlers),
    planning: planningOf({ houses: new Map(HOUSES.map((house) => [house, house])), clock: WALL_CLOCK }),
    policy: dispatchPolicyOf(),
    clock: WALL_CLOCK,
    stopJitterMs: 0,
  });
  server = await dispatchApi({ dispatcher, feeders: () => Promise.resolve([]) });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
}, 60_000);

afterAll(async () => {
  await server.close();
  await dispatcher.close();
  await Promise.all(clients.map((client) => client.close()));
  await hub.close();
});

const shed = (...args: string[]): Promise<void> =>
  runShed(parseCommandLine([...args, '--by', 'ann', '--url', url]), () => undefined);

const off = (): number => clients.filter((client) => client.off.length > 0).length;

test('from the terminal to the houses and back: shed, opt-out with a replacement, stop', async () => {
  await shed('--feeder', 'F1', '--kw', '0.2', '--for', '8m', '--no-follow');
  await until(() => off() === 2, WAIT);
  const [event] = dispatcher.events();
  await until(() => dispatcher.event(event?.id ?? '')?.phase === 'active', WAIT);

  clients[0]?.optOut({});
  expect(clients[0]?.off).toEqual([]);
  // The third house stands in for the first.
  await until(() => clients[2]?.off.length === 1, WAIT);

  await shed('stop-all');
  await until(() => off() === 0, WAIT);
  await until(() => dispatcher.event(event?.id ?? '')?.phase === 'cancelled', WAIT);
  expect(switched.filter((one) => one.endsWith('off')).sort()).toEqual(
    HOUSES.map((house) => `${applianceOf(house)} off`),
  );
  expect(dispatcher.figures.faults).toEqual({});
  expect(hub.broker.refused.size).toBe(0);

  const check = new TrailCheck();
  topics.audit.forEach((record) => check.add(record));
  expect(check.verdict()).toMatchObject({ isWhole: true });
}, 60_000);
