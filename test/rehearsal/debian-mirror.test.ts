import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import getPort from 'get-port';

import { DebianMirror } from '../../rehearsal/debian-mirror.ts';

let archive: Server;
let address: string;
beforeAll(async () => {
  archive = createServer((_, response) => response.end('lists'));
  await new Promise<void>((listening) => archive.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(archive.address() as AddressInfo).port}`;
});
afterAll(() => {
  archive.close();
});

test('a mirror can be taken away and comes back', async () => {
  const port = await getPort();
  const mirror = await DebianMirror.start(address, '127.0.0.1', port);
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/debian/dists/bookworm/Release`)).text();
  expect(await ask()).toBe('lists');
  mirror.stop();
  await expect(ask()).rejects.toThrow();
  await mirror.resume();
  expect(await ask()).toBe('lists');
  mirror.stop();
  mirror.stop();
});
