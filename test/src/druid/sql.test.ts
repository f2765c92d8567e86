import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { afterEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { DruidApi, DruidError } from '../../../src/druid/api.ts';
import { querySql, streamSql, UnknownDataSourceError } from '../../../src/druid/sql.ts';

/** A server that answers as a test wants: real Druid can't be told to break off half-way. */
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
  connection: { login?: { user: string; password: string }; timeoutMs?: number } = {},
): Promise<DruidApi> {
  const started = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => (body += text));
    request.on('end', () => answer(request, body, response));
  });
  servers.push(started);
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return new DruidApi({ url: `http://127.0.0.1:${address.port}`, ...connection });
}

const row = z.object({ n: z.number(), name: z.string() });

describe('SQL', () => {
  test('gives the rows of the answer, wherever it is cut into pieces', async () => {
    const answer = Buffer.from('{"n":1,"name":"Küche"}\n{"n":2,"name":"b"}\n\n');
    let cut = 0;
    const api = await serve((_request, _body, response) => {
      response.write(answer.subarray(0, cut));
      setImmediate(() => response.end(answer.subarray(cut)));
    });
    for (cut = 1; cut < answer.length; cut += 1) {
      expect(await querySql(api, 'SELECT', row)).toEqual([
        { n: 1, name: 'Küche' },
        { n: 2, name: 'b' },
      ]);
    }
  });

  test('sends values with their SQL types, and the login', async () => {
    let seen: unknown;
    let authorization: string | undefined;
    const api = await serve(
      (request, body, response) => {
        seen = JSON.parse(body);
        authorization = request.headers.authorization;
        response.end('\n');
      },
      { login: { user: 'grid', password: 'päss' } },
    );
    await querySql(api, 'SELECT ?', row, { parameters: ['a', 1, 1.5, true], context: { timeout: 5 } });
    expect(seen).toEqual({
      query: 'SELECT ?',
      context: { timeout: 5 },
      parameters: [
        { type: 'VARCHAR', value: 'a' },
        { type: 'BIGINT', value: 1 },
        { type: 'DOUBLE', value: 1.5 },
        { type: 'BOOLEAN', value: true },
      ],
      resultFormat: 'objectLines',
    });
    expect(authorization).toBe(`Basic ${Buffer.from('grid:päss').toString('base64')}`);
  });

  test.each(['', '{"n":1,"name":"a"}\n', '{"n":1,"name":"a"}\n{"n":2'])(
    'does not take %j, an answer without its last line, for a whole one',
    async (answer) => {
      const api = await serve((_request, _body, response) => void response.end(answer));
      await expect(querySql(api, 'SELECT', row)).rejects.toThrow(/broke off/);
    },
  );

  test('fails when the connection is cut after rows have come', async () => {
    const api = await serve((_request, _body, response) => {
      response.write('{"n":1,"name":"a"}\n');
      setTimeout(() => response.destroy(), 50);
    });
    const rows: unknown[] = [];
    const reading = (async () => {
      for await (const one of streamSql(api, 'SELECT', row)) {
        rows.push(one);
      }
    })();
    await expect(reading).rejects.toThrow(DruidError);
    expect(rows).toEqual([{ n: 1, name: 'a' }]);
  });

  test('names the column of a row that is not as expected', async () => {
    const api = await serve((_request, _body, response) => void response.end('{"n":"one","name":"a"}\n\n'));
    await expect(querySql(api, 'SELECT', row)).rejects.toThrow(/not as expected: .*\n?.*at n/);
  });

  test('fails as Druid, not as JSON, when a row is cut off or an error page comes instead', async () => {
    const api = await serve((_request, _body, response) => void response.end('<html>\n\n'));
    await expect(querySql(api, 'SELECT', row)).rejects.toThrow(DruidError);
    await expect(querySql(api, 'SELECT', row)).rejects.toThrow(/not JSON: <html>/);
  });

  test('says that an answer of another part of Druid broke off', async () => {
    const api = await serve((_request, _body, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"n":');
      setTimeout(() => response.destroy(), 20);
    });
    const answer = api.get('/status', z.unknown());
    await expect(answer).rejects.toThrow(DruidError);
    await expect(answer).rejects.toThrow(/broke off its answer to \/status/);
  });

  test('tells a data source without rows from other refusals', async () => {
    const refuse = (errorMessage: string) =>
      serve((_request, _body, response) => {
        response.writeHead(400).end(JSON.stringify({ error: 'druidException', errorMessage }));
      });
    const missing = await refuse("Object 'powerraw' not found (line [1], column [15])");
    await expect(querySql(missing, 'SELECT', row)).rejects.toThrow(UnknownDataSourceError);
    const wrong = await refuse('Received an unexpected token [FRM]');
    await expect(querySql(wrong, 'SELECT', row)).rejects.toThrow(/refuses .* with 400: Received an unexpected token/);
    await expect(querySql(wrong, 'SELECT', row)).rejects.not.toThrow(UnknownDataSourceError);
  });

  test('says in one line that the connection is refused, or that there is no answer', async () => {
    const away = await serve(() => undefined);
    for (const server of servers.splice(0)) {
      server.close();
    }
    await expect(querySql(away, 'SELECT', row)).rejects.toThrow(
      /^Druid at http:\/\/127\.0\.0\.1:\d+ does not answer \/druid\/v2\/sql: .*ECONNREFUSED/,
    );
    const silent = await serve(() => undefined, { timeoutMs: 100 });
    await expect(querySql(silent, 'SELECT', row)).rejects.toThrow(/no answer within 100 ms/);
  });
});
