import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { dispatchApi } from '../../../../src/dispatch/api/server.ts';
import { dispatchPolicyOf } from '../../../../src/dispatch/event/dispatch-policy.ts';
import { MemoryLog } from '../../../../src/dispatch/log/memory-log.ts';
import { RequestError } from '../../../../src/dispatch/request.ts';
import { Dispatcher } from '../../../../src/dispatch/run/dispatcher.ts';
import type { Planning } from '../../../../src/dispatch/run/planning.ts';
import { planningOf, SimulatedGrid } from '../run/simulated-grid.ts';

const NOW = 1_000_000;

let grid: SimulatedGrid;
let dispatcher: Dispatcher;
let server: FastifyInstance;

beforeEach(async () => {
  grid = new SimulatedGrid(4, NOW);
  const planning: Planning = {
    ...planningOf(grid),
    plan: (request, taken) =>
      request.feeder === 'F1'
        ? planningOf(grid).plan(request, taken)
        : Promise.reject(new RequestError(`feeder ${request.feeder} does not exist: F1 does`)),
  };
  dispatcher = await Dispatcher.start({
    log: new MemoryLog(),
    openLink: (handlers) => grid.openLink(handlers),
    planning,
    policy: dispatchPolicyOf(),
    clock: grid.clock,
    stopJitterMs: 0,
  });
  server = await dispatchApi({
    dispatcher,
    feeders: () => Promise.resolve([{ feeder: 'F1', limit_kw: 5, power_kw: 2.5, sheddable_kw: 0.4 }]),
  });
});

afterEach(async () => {
  await server.close();
  await dispatcher.close();
});

async function ask(method: 'GET' | 'POST' | 'PATCH', url: string, body?: object, host = '127.0.0.1:8090') {
  const answer = await server.inject({ method, url, headers: { host }, ...(body && { payload: body }) });
  const content: unknown = answer.json();
  return { status: answer.statusCode, content };
}

const asked = { feeder: 'F1', kw: 0.2, minutes: 8, by: 'ann' };

describe('the API', () => {
  test('plans without a trace, and runs an event from start to stop', async () => {
    expect(await ask('POST', '/plans', asked)).toMatchObject({
      status: 200,
      content: { feeder: 'F1', target_kw: 0.2, promised_kw: 0.2, short_kw: 0 },
    });
    expect(await ask('GET', '/events')).toEqual({ status: 200, content: [] });

    expect(await ask('POST', '/events', { ...asked, id: 'e1' })).toMatchObject({
      status: 201,
      content: { event: { id: 'e1', phase: 'planned', target_kw: 0.2, calls: { planned: 2 } } },
    });
    expect(await ask('POST', '/events/e1/start', { by: 'ann' })).toMatchObject({
      status: 200,
      content: { phase: 'notified', commands: 2, acked: 0 },
    });
    await grid.clock.runTo(NOW + 2_000);
    expect(await ask('GET', '/events/e1')).toMatchObject({ content: { phase: 'active', acked: 2, calls: { off: 2 } } });
    expect(await ask('PATCH', '/events/e1', { by: 'ann', kw: 0.1 })).toMatchObject({
      status: 200,
      content: { target_kw: 0.1 },
    });
    expect(await ask('POST', '/stop-all', { by: 'ann' })).toMatchObject({
      status: 200,
      content: [{ phase: 'releasing' }],
    });
    await grid.clock.runTo(NOW + 4_000);
    expect(grid.off).toEqual([]);
    expect(await ask('GET', '/status')).toMatchObject({ content: { events: [{ id: 'e1', phase: 'cancelled' }] } });
  });

  test('starts an event at once when asked to, under an id of its own, and cancels it', async () => {
    const { content } = await ask('POST', '/events', { ...asked, start: true });
    const { event } = z.object({ event: z.object({ id: z.string(), phase: z.string() }) }).parse(content);
    expect(event).toMatchObject({ phase: 'notified', id: expect.stringMatching(/^e-/) });
    expect(await ask('POST', `/events/${event.id}/cancel`, { by: 'ann' })).toMatchObject({
      status: 200,
      content: { phase: 'releasing', note: 'cancelled' },
    });
  });

  test('gives feeders and opt-outs', async () => {
    grid.optOut('1_0_0');
    await grid.clock.runTo(NOW + 100);
    expect((await ask('GET', '/optouts')).content).toEqual([{ house: '1_0_0', appliance: null, until: null }]);
    expect((await ask('GET', '/feeders')).content).toEqual([
      { feeder: 'F1', limit_kw: 5, power_kw: 2.5, sheddable_kw: 0.4 },
    ]);
  });

  test.each([
    ['POST', '/events', { ...asked, kw: 0 }, 400, 'kw: must be above 0'],
    ['POST', '/events', { ...asked, kw: -1 }, 400, 'kw: must be above 0'],
    ['POST', '/events', { ...asked, minutes: 'long' }, 400, 'minutes: '],
    ['POST', '/plans', { ...asked, feeder: 'F9' }, 400, 'feeder F9 does not exist: F1 does'],
    ['POST', '/events', { ...asked, more: 1 }, 400, 'more'],
    ['POST', '/events/e9/start', { by: 'ann' }, 404, 'event e9 does not exist'],
    ['GET', '/events/e9', undefined, 404, 'event e9 does not exist'],
    ['PATCH', '/events/e9', { by: 'ann' }, 400, 'give kw, minutes or both'],
    ['GET', '/nothing', undefined, 404, 'there is no GET /nothing'],
  ] as const)('answers %s %s %j with %i in one line', async (method, url, body, status, detail) => {
    const answer = await ask(method, url, body);
    expect(answer).toMatchObject({ status, content: { status, detail: expect.stringContaining(detail) } });
    expect(JSON.stringify(answer.content)).not.toContain('\\n');
  });

  test('refuses what the phase does not allow, and hosts of other names', async () => {
    await ask('POST', '/events', { ...asked, id: 'e1' });
    await ask('POST', '/events/e1/cancel', { by: 'ann' });
    expect(await ask('POST', '/events/e1/start', { by: 'ann' })).toMatchObject({
      status: 409,
      content: { detail: expect.stringContaining('start is for events that are planned') },
    });
    expect(await ask('POST', '/stop-all', { by: 'eve' }, 'evil.example')).toMatchObject({ status: 403 });
    expect(await ask('GET', '/status', undefined, 'localhost:8090')).toMatchObject({ status: 200 });
  });

  test('says that the dispatcher has ended', async () => {
    await dispatcher.close();
    expect(await ask('POST', '/events', asked)).toMatchObject({
      status: 503,
      content: { detail: 'the dispatcher is closed' },
    });
  });

  test('describes itself', async () => {
    const { content } = await ask('GET', '/openapi.json');
    const { paths } = z.object({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }).parse(content);
    expect(Object.keys(paths).sort()).toEqual([
      '/events',
      '/events/{id}',
      '/events/{id}/cancel',
      '/events/{id}/start',
      '/feeders',
      '/optouts',
      '/plans',
      '/status',
      '/stop-all',
    ]);
  });
});
