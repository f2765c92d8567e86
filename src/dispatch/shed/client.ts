/** A client of the dispatcher's REST API. */
import { z } from 'zod';

import {
  eventSchema,
  type EventView,
  feederSchema,
  type FeederView,
  planSchema,
  type PlanView,
  problemSchema,
  statusSchema,
} from '../api/schemas.ts';
import type { Asked } from './command-line.ts';

/** What the dispatcher refuses, or that it does not answer; one line. */
export class ShedError extends Error {
  override readonly name = 'ShedError';
}

const TIMEOUT_MS = 30_000;

export class ShedClient {
  readonly #url: string;

  /** @param url of the dispatcher. */
  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  plan(asked: Asked): Promise<PlanView> {
    return this.#ask(planSchema, 'POST', '/plans', asked);
  }

  /** Plans an event and starts it. */
  shed(asked: Asked): Promise<{ event: EventView; plan: PlanView }> {
    const answer = z.object({ event: eventSchema, plan: planSchema });
    return this.#ask(answer, 'POST', '/events', { ...asked, start: true });
  }

  event(id: string): Promise<EventView> {
    return this.#ask(eventSchema, 'GET', `/events/${encodeURIComponent(id)}`);
  }

  async events(): Promise<EventView[]> {
    return (await this.#ask(statusSchema, 'GET', '/status')).events;
  }

  feeders(): Promise<FeederView[]> {
    return this.#ask(z.array(feederSchema), 'GET', '/feeders');
  }

  cancel(id: string, by: string): Promise<EventView> {
    return this.#ask(eventSchema, 'POST', `/events/${encodeURIComponent(id)}/cancel`, { by });
  }

  stopAll(by: string): Promise<EventView[]> {
    return this.#ask(z.array(eventSchema), 'POST', '/stop-all', { by });
  }

  /** @throws ShedError */
  async #ask<Answer>(schema: z.ZodType<Answer>, method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    let answer: Response;
    let content: unknown;
    try {
      answer = await fetch(`${this.#url}${path}`, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      content = await answer.json();
    } catch (error) {
      throw new ShedError(`no dispatcher answers at ${this.#url}: start it, or name another with --url`, {
        cause: error,
      });
    }
    if (!answer.ok) {
      const problem = problemSchema.safeParse(content).data;
      throw new ShedError(problem?.detail ?? `the dispatcher answers with status ${answer.status}`);
    }
    const checked = schema.safeParse(content);
    if (!checked.success) {
      throw new ShedError(`${this.#url}${path} is no answer of this version's dispatcher: use one version for both`);
    }
    return checked.data;
  }
}
