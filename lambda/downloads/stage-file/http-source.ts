/** A file on the web, over Node's own client: it hands on the very bytes, where fetch would unpack what is compressed. */
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get } from 'node:https';

import { collect, type Opened, type Source, SourceError } from './source.ts';

/** How long a connection may be silent, ms. */
export const SILENCE_MS = 30_000;

const REDIRECTS = 5;

/** Answers that may be another one a moment later. */
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);

/** @param silenceMs how long a connection may be silent, ms. */
export function httpSource(url: string, silenceMs = SILENCE_MS): Source {
  const request = (headers: Readonly<Record<string, string>>, signal: AbortSignal) =>
    follow(new URL(url), headers, signal, silenceMs, REDIRECTS);

  return {
    url,

    async open(signal) {
      const response = await request({ range: 'bytes=0-0' }, signal);
      response.destroy();
      switch (response.statusCode) {
        case 206:
          return { size: totalOf(response), version: versionOf(response), hasRanges: true };
        case 200:
          return { size: lengthOf(response), version: versionOf(response), hasRanges: false };
        case 416:
          throw new SourceError('is empty', false);
        default:
          throw refusal(response);
      }
    },

    async readRange(opened, from, to, signal) {
      const response = await request({ range: `bytes=${from}-${to}` }, signal);
      if (response.statusCode === 200) {
        response.destroy();
        throw new SourceError('answers with the whole file when it is asked for a part, which it did not before', true);
      }
      if (response.statusCode !== 206) {
        response.destroy();
        throw refusal(response);
      }
      const isSame = opened.version === undefined || versionOf(response) === opened.version;
      if (!isSame || totalOf(response) !== opened.size) {
        response.destroy();
        throw new SourceError('changed while it was read', true);
      }
      return collect(bytesOf(response), to - from + 1);
    },

    async *readAll(signal) {
      const response = await request({}, signal);
      if (response.statusCode !== 200) {
        response.destroy();
        throw refusal(response);
      }
      yield* bytesOf(response);
    },
  };
}

async function follow(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  silenceMs: number,
  redirects: number,
): Promise<IncomingMessage> {
  const response = await send(url, headers, signal, silenceMs);
  const { location } = response.headers;
  if (location === undefined || ![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) {
    return response;
  }
  response.destroy();
  const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
  if (next === undefined || (next.protocol !== 'https:' && next.protocol !== url.protocol)) {
    throw new SourceError(`redirects to ${location}, which is not https`, false);
  }
  if (redirects === 0) {
    throw new SourceError(`redirects more than ${REDIRECTS} times`, false);
  }
  return follow(next, headers, signal, silenceMs, redirects - 1);
}

function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  silenceMs: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let response: IncomingMessage | undefined;
    const request = (url.protocol === 'http:' ? getPlain : get)(
      url,
      { headers: { 'user-agent': 'iGrid', 'accept-encoding': 'identity', ...headers }, signal, agent: false },
      (answer) => resolve((response = answer)),
    );
    // The body ends with the error of the response, not with that of the request.
    request.setTimeout(silenceMs, () => (response ?? request).destroy(new Error(`no byte for ${silenceMs / 1_000} s`)));
    request.on('error', (error) => reject(new SourceError(reasonOf(error), true)));
  });
}

async function* bytesOf(response: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of response) {
      // A response without an encoding gives buffers.
      yield chunk as Buffer;
    }
  } catch (error) {
    throw new SourceError(reasonOf(error), true);
  }
}

function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  // "aborted" is what Node says when the other side closes the connection before the end.
  const said = message === 'aborted' ? 'closed the connection before the end' : message;
  return said === '' ? (code ?? 'could not be reached') : said;
}

function refusal(response: IncomingMessage): SourceError {
  const status = response.statusCode ?? 0;
  return new SourceError(`answers ${status} ${response.statusMessage ?? ''}`.trim(), TRANSIENT.has(status));
}

function totalOf(response: IncomingMessage): number {
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers['content-range'] ?? '')?.[1];
  if (total === undefined) {
    throw new SourceError(`sends the range ${response.headers['content-range'] ?? '(none)'} without a total`, false);
  }
  return Number(total);
}

function lengthOf(response: IncomingMessage): number | undefined {
  const length = response.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** A weak tag does not say that bytes are the same; the time of the last change does, as well as it goes. */
function versionOf(response: IncomingMessage): Opened['version'] {
  const { etag, 'last-modified': changed } = response.headers;
  return etag === undefined || etag.startsWith('W/') ? changed : etag;
}
