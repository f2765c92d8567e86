/** Requests to Druid's HTTP interface, through the Router: one address for SQL, the Coordinator and the Overlord. */
import { z } from 'zod';

import { after } from '../core/clock/timers.ts';
import { until } from '../core/clock/until.ts';
import type { Json } from '../core/templates/template.ts';

/** Where Druid is and who asks. */
export interface DruidConnection {
  /** The Router's base address, e.g. `http://127.0.0.1:8888`. A private CA is trusted through NODE_EXTRA_CA_CERTS. */
  readonly url: string;
  /** Default: Druid asks for no login. */
  readonly login?: { readonly user: string; readonly password: string };
  /** How long a request may take until its answer begins, ms. Default: 30,000. */
  readonly timeoutMs?: number;
}

/** Druid is away, or refused: the message says which address, what was asked and why not. */
export class DruidError extends Error {
  override readonly name: string = 'DruidError';

  /** @param status HTTP status; undefined when there was no answer. */
  constructor(
    message: string,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What Druid says of an error: most parts of it use `errorMessage`, some only `error`. */
const refusal = z.object({ errorMessage: z.string().optional(), error: z.unknown().optional() });

const LEADS = z.object({ leader: z.literal(true) });

/** Druid's HTTP interface. */
export class DruidApi {
  readonly #connection: DruidConnection;

  constructor(connection: DruidConnection) {
    this.#connection = connection;
  }

  /**
   * The answer to a GET.
   *
   * @throws DruidError when Druid is away or refuses, or when the answer is not of this shape.
   */
  async get<T>(path: string, shape: z.ZodType<T>): Promise<T> {
    return this.#parse(path, await this.request('GET', path), shape);
  }

  /** The answer to a POST of JSON; as {@link get}. */
  async post<T>(path: string, body: Json, shape: z.ZodType<T>): Promise<T> {
    return this.#parse(path, await this.request('POST', path, body), shape);
  }

  /**
   * The answer, unread, to a request that Druid accepts.
   *
   * @param signal stops the request, also while its answer is read. Default: none.
   * @throws DruidError when Druid is away or refuses.
   */
  async request(method: 'GET' | 'POST', path: string, body?: Json, signal?: AbortSignal): Promise<Response> {
    const { url, login, timeoutMs = 30_000 } = this.#connection;
    const controller = new AbortController();
    const stop = (): void => controller.abort(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    const cancel = after(timeoutMs, () => controller.abort(new Error(`no answer within ${timeoutMs} ms`)));
    let response: Response;
    try {
      response = await fetch(new URL(path, url), {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(login && { authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: controller.signal,
      });
    } catch (error) {
      throw new DruidError(`Druid at ${url} does not answer ${path}: ${causeOf(error)}`, undefined, { cause: error });
    } finally {
      cancel();
    }
    if (response.ok) {
      return response;
    }
    const why = reasonOf(await response.text().catch(() => ''));
    throw new DruidError(`Druid at ${url} refuses ${path} with ${response.status}: ${why}`, response.status);
  }

  /**
   * Resolves when SQL is answered and both the Coordinator and the Overlord lead.
   *
   * @throws DruidError after `timeoutMs`.
   */
  async waitUntilReady(timeoutMs: number): Promise<void> {
    const ask = async (): Promise<void> => {
      await this.get('/druid/coordinator/v1/isLeader', LEADS);
      await this.get('/druid/indexer/v1/isLeader', LEADS);
      await this.post('/druid/v2/sql', { query: 'SELECT 1' }, z.unknown());
    };
    await this.#waitUntil(ask, timeoutMs, 'ready');
  }

  /**
   * Resolves when the Overlord leads.
   *
   * @throws DruidError after `timeoutMs`.
   */
  async waitUntilLeading(timeoutMs: number): Promise<void> {
    await this.#waitUntil(() => this.get('/druid/indexer/v1/isLeader', LEADS), timeoutMs, 'leading');
  }

  async #waitUntil(ask: () => Promise<unknown>, timeoutMs: number, what: string): Promise<void> {
    const isSo = async (): Promise<boolean> => {
      try {
        await ask();
        return true;
      } catch (error) {
        if (error instanceof DruidError) {
          return false;
        }
        throw error;
      }
    };
    await until(isSo, {
      intervalMs: 250,
      timeoutMs,
      otherwise: () => new DruidError(`Druid at ${this.#connection.url} was not ${what} within ${timeoutMs} ms`),
    });
  }

  async #parse<T>(path: string, response: Response, shape: z.ZodType<T>): Promise<T> {
    const text = await response.text().catch((error: unknown) => {
      const { url } = this.#connection;
      throw new DruidError(`Druid at ${url} broke off its answer to ${path}: ${causeOf(error)}`, response.status, {
        cause: error,
      });
    });
    let answer: unknown;
    try {
      answer = text === '' ? undefined : JSON.parse(text);
    } catch {
      answer = undefined;
    }
    const parsed = shape.safeParse(answer);
    if (parsed.success) {
      return parsed.data;
    }
    throw new DruidError(
      `Druid's answer to ${path} is not as expected: ${z.prettifyError(parsed.error)}`,
      response.status,
    );
  }
}

function reasonOf(text: string): string {
  try {
    const { errorMessage, error } = refusal.parse(JSON.parse(text));
    return errorMessage ?? (typeof error === 'string' ? error : text);
  } catch {
    return text.slice(0, 300) || 'no reason given';
  }
}

const withCause = z.object({ message: z.string(), cause: z.object({ message: z.string().min(1) }).optional() });

/** fetch says "fetch failed" and hides the reason (ECONNREFUSED) in the cause. */
function causeOf(error: unknown): string {
  const known = withCause.safeParse(error).data;
  return known?.cause?.message ?? known?.message ?? String(error);
}
