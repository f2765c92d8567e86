import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { httpSource } from '../../../../lambda/downloads/stage-file/http-source.ts';
import { FileServer, stalled, status } from '../../../support/file-server.ts';

const NEVER = new AbortController().signal;

describe('a file on the web', () => {
  let server: FileServer;
  beforeEach(async () => {
    server = await FileServer.start();
    server.file = Buffer.from('0123456789');
  });
  afterEach(() => server.stop());

  test('is given up while the connection is silent', async () => {
    server.always = stalled;
    const source = httpSource(server.url, 100);
    const opened = { size: 10, version: undefined, hasRanges: true };
    await expect(source.readRange(opened, 0, 9, NEVER)).rejects.toMatchObject({
      message: 'no byte for 0.1 s',
      isTransient: true,
    });
    server.always = () => undefined;
    await expect(source.open(NEVER)).rejects.toMatchObject({ message: 'no byte for 0.1 s', isTransient: true });
  });

  test('is not unpacked, whatever the server says of it', async () => {
    server.always = (_request, response, file) => {
      response.writeHead(200, { 'content-length': file.length, 'content-encoding': 'gzip' }).end(file);
    };
    const chunks: Buffer[] = [];
    for await (const chunk of httpSource(server.url).readAll(NEVER)) {
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).toString()).toBe('0123456789');
  });

  test.each([
    ['ftp://elsewhere/file', 'redirects to ftp://elsewhere/file, which is not https'],
    ['/again', 'redirects more than 5 times'],
  ])('is not followed to %s forever', async (location, message) => {
    server.always = (_request, response) => response.writeHead(301, { location }).end();
    await expect(httpSource(server.url).open(NEVER)).rejects.toMatchObject({ message, isTransient: false });
  });

  test.each([
    [404, false],
    [403, false],
    [501, false],
    [500, true],
    [503, true],
    [429, true],
  ])('may come another time after %i: %s', async (code, isTransient) => {
    server.always = status(code);
    await expect(httpSource(server.url).open(NEVER)).rejects.toMatchObject({ isTransient });
  });

  test('is another one when its tag or size changes between two parts', async () => {
    const source = httpSource(server.url);
    const opened = await source.open(NEVER);
    expect(opened).toEqual({ size: 10, version: '"1"', hasRanges: true });
    expect((await source.readRange(opened, 2, 4, NEVER)).toString()).toBe('234');
    await expect(source.readRange({ ...opened, version: '"0"' }, 2, 4, NEVER)).rejects.toThrow(
      'changed while it was read',
    );
    await expect(source.readRange({ ...opened, size: 9 }, 2, 4, NEVER)).rejects.toThrow('changed while it was read');
  });

  test('ends a range that is longer than was asked for', async () => {
    server.always = (_request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-1/10' }).end('0123456789');
    };
    const opened = { size: 10, version: undefined, hasRanges: true };
    await expect(httpSource(server.url).readRange(opened, 0, 1, NEVER)).rejects.toThrow(
      'answers a range of 2 bytes with more',
    );
  });
});
