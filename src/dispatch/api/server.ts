/** The REST API of the dispatcher, on loopback: for operators and their programs. Its OpenAPI document is /openapi.json. */
import { randomUUID } from 'node:crypto';

import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { z } from 'zod';

import { eventIdSchema } from '../../core/shed/ids.ts';
import { EventActionError, UnknownEventError } from '../event/inputs.ts';
import type { EventRequest } from '../event/shed-event.ts';
import { EventLogError } from '../log/event-log.ts';
import type { Plan } from '../plan.ts';
import { RequestError } from '../request.ts';
import { type Dispatcher, DispatcherEndedError } from '../run/dispatcher.ts';
import {
  askedSchema,
  bySchema,
  cancelSchema,
  changeSchema,
  eventSchema,
  eventView,
  feederSchema,
  type FeederView,
  newEventSchema,
  optOutSchema,
  planSchema,
  type PlanView,
  problemSchema,
  statusSchema,
  stopSchema,
} from './schemas.ts';

export interface ApiOptions {
  readonly dispatcher: Pick<
    Dispatcher,
    'events' | 'event' | 'optOuts' | 'figures' | 'tryPlan' | 'propose' | 'start' | 'modify' | 'cancel' | 'stopAll'
  >;
  readonly feeders: () => Promise<readonly FeederView[]>;
}

const BODY_LIMIT = 64 * 1_024;
/** Pages of other sites reach loopback through the user's browser, but only under their own names. */
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** A server that is not listening yet. */
export async function dispatchApi({ dispatcher, feeders }: ApiOptions): Promise<FastifyInstance> {
  const server = fastify({ bodyLimit: BODY_LIMIT }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  await server.register(swagger, {
    openapi: { info: { title: 'iGrid dispatcher', version: '1.0.0', description: 'Demand response on feeders.' } },
    transform: jsonSchemaTransform,
  });
  server.addHook('onRequest', async (request, reply) => {
    if (!LOOPBACK.has(request.host.replace(/:\d+$/, ''))) {
      await reply.code(403).send(problem(403, `host ${request.host} is not this machine: use 127.0.0.1`));
    }
  });
  server.setErrorHandler(async (error, _request, reply) => {
    const [status, detail] = statusOf(error);
    await reply.code(status).type('application/problem+json').send(problem(status, detail));
  });
  server.setNotFoundHandler(async ({ method, url }, reply) => {
    await reply.code(404).send(problem(404, `there is no ${method} ${url}: see /openapi.json`));
  });

  const params = z.object({ id: eventIdSchema });
  const failures = {
    400: problemSchema,
    404: problemSchema,
    409: problemSchema,
    500: problemSchema,
    503: problemSchema,
  };
  const viewOf = (id: string) => {
    const event = dispatcher.event(id);
    if (!event) {
      throw new UnknownEventError(id);
    }
    return eventView(event);
  };

  server.get('/status', { schema: { response: { 200: statusSchema } } }, () => ({
    ...dispatcher.figures,
    events: dispatcher.events().map(eventView),
  }));
  server.get('/feeders', { schema: { response: { 200: z.array(feederSchema), ...failures } } }, async () => [
    ...(await feeders()),
  ]);
  server.get('/optouts', { schema: { response: { 200: z.array(optOutSchema) } } }, () =>
    dispatcher
      .optOuts()
      .flatMap(({ house, optouts }) =>
        optouts.map(({ appliance, until }) => ({ house, appliance: appliance ?? null, until: until ?? null })),
      ),
  );
  server.post(
    '/plans',
    { schema: { description: 'A plan only.', body: askedSchema, response: { 200: planSchema, ...failures } } },
    async ({ body }) => planView(await dispatcher.tryPlan(requestOf(body, 'dry-run'))),
  );
  server.get('/events', { schema: { response: { 200: z.array(eventSchema) } } }, () =>
    dispatcher.events().map(eventView),
  );
  server.post(
    '/events',
    {
      schema: {
        description: 'Proposes an event and plans it; starts it when asked to.',
        body: newEventSchema,
        response: { 201: z.object({ event: eventSchema, plan: planSchema }), ...failures },
      },
    },
    async ({ body }, reply) => {
      const { id = `e-${randomUUID()}`, start, ...asked } = body;
      const plan = await dispatcher.propose(requestOf(asked, id));
      if (start) {
        await dispatcher.start(id, asked.by);
      }
      return reply.code(201).send({ event: viewOf(id), plan: planView(plan) });
    },
  );
  server.get('/events/:id', { schema: { params, response: { 200: eventSchema, ...failures } } }, (request) =>
    viewOf(request.params.id),
  );
  server.patch(
    '/events/:id',
    {
      schema: {
        description: 'Another target or length.',
        params,
        body: changeSchema,
        response: { 200: eventSchema, ...failures },
      },
    },
    async ({ params: { id }, body: { by, kw, minutes } }) => {
      await dispatcher.modify(id, by, {
        ...(kw !== undefined && { targetW: kw * 1_000 }),
        ...(minutes !== undefined && { minutes }),
      });
      return viewOf(id);
    },
  );
  server.post(
    '/events/:id/start',
    { schema: { params, body: bySchema, response: { 200: eventSchema, ...failures } } },
    async ({ params: { id }, body }) => {
      await dispatcher.start(id, body.by);
      return viewOf(id);
    },
  );
  server.post(
    '/events/:id/cancel',
    { schema: { params, body: cancelSchema, response: { 200: eventSchema, ...failures } } },
    async ({ params: { id }, body }) => {
      await dispatcher.cancel(id, body.by, body.reason);
      return viewOf(id);
    },
  );
  server.post(
    '/stop-all',
    {
      schema: {
        description: 'Everything on again, in every house.',
        body: stopSchema,
        response: { 200: z.array(eventSchema), ...failures },
      },
    },
    async ({ body }) => {
      await dispatcher.stopAll(body.by, body.reason);
      return dispatcher.events().map(eventView);
    },
  );
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
  return server;
}

function requestOf(asked: z.infer<typeof askedSchema>, id: string): EventRequest {
  return {
    id,
    feeder: asked.feeder,
    targetW: asked.kw * 1_000,
    minutes: asked.minutes,
    reason: asked.reason,
    requestedBy: asked.by,
    confirmedBy: asked.confirmed_by ?? null,
  };
}

function planView(plan: Plan): PlanView {
  return {
    event: plan.eventId,
    feeder: plan.feeder,
    target_kw: plan.targetW / 1_000,
    expected_kw: plan.expectedW / 1_000,
    promised_kw: plan.promisedW / 1_000,
    short_kw: plan.shortW / 1_000,
    rebound_kw: plan.rebound.peakW / 1_000,
    rebound_kwh: plan.rebound.energyKwh,
    held_out: plan.holdOut.length,
    candidates: plan.candidates,
    excluded: { ...plan.excluded },
    calls: plan.calls.map(({ applianceId, houseId, name, expectedW }) => ({
      appliance: applianceId,
      house: houseId,
      name,
      expected_kw: expectedW / 1_000,
    })),
  };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Not allowed',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Not in this phase',
  500: 'Error',
  503: 'The dispatcher has ended',
};

const problem = (status: number, detail: string) => ({ title: TITLES[status] ?? 'Not allowed', status, detail });

/** What is wrong, in one line. */
function statusOf(error: unknown): [status: number, detail: string] {
  if (hasZodFastifySchemaValidationErrors(error)) {
    return [
      400,
      error.validation
        .map(({ instancePath, message }) => `${instancePath.slice(1)}: ${message ?? 'is wrong'}`)
        .join('; '),
    ];
  }
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof RequestError) {
    return [400, detail];
  }
  if (error instanceof EventActionError) {
    return [error instanceof UnknownEventError ? 404 : 409, detail];
  }
  const given = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : NaN;
  if (given >= 400 && given < 500) {
    return [given, detail];
  }
  return [error instanceof DispatcherEndedError || error instanceof EventLogError ? 503 : 500, detail];
}
