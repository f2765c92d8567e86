/** The staging function against a real web server and an S3 in memory. */
import { createHash, randomBytes } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { isComplete, onEvent, stage, TOTAL_MS } from '../../../../lambda/downloads/stage-file/handler.ts';
import { PACE } from '../../../../lambda/downloads/stage-file/transfer.ts';
import { FileServer, ranged, status, truncated, whole } from '../../../support/file-server.ts';
import { MemoryS3 } from '../../../support/memory-s3.ts';

const KEY = 'druid/tarball/abc/druid.tar.gz';
const FILE = randomBytes(10_000);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Of a call that is to end in the middle of a file: long enough for some parts on a busy machine, ms. */
const CALL_MS = 2_000;

/** Small parts, and pauses of a test's length. */
const FAST = { ...PACE, partBytes: 1_000, pauseMs: () => 1 };

interface Wanted {
  readonly urls?: readonly string[];
  /** null: the configuration has none. */
  readonly hash?: string | null;
  readonly pace?: typeof PACE;
  readonly callMs?: number;
  readonly startedAt?: Date;
}

describe('the staging function', () => {
  let s3: MemoryS3;
  let server: FileServer;
  beforeEach(async () => {
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
    s3 = new MemoryS3();
    server = await FileServer.start();
    server.file = FILE;
  });
  afterEach(() => {
    server.stop();
    s3.stub.restore();
    jest.restoreAllMocks();
  });

  const properties = ({ urls = [server.url], hash = sha256(FILE) }: Wanted) => ({
    ...{ Bucket: 'bucket', Key: KEY, Urls: [...urls], Field: 'druid.tarball' },
    ...(hash === null ? {} : { Sha256: hash }),
  });
  const run = (wanted: Wanted = {}) =>
    stage(
      {
        type: 'Create',
        physicalResourceId: KEY,
        properties: properties(wanted),
        oldProperties: {},
        data: { StartedAt: (wanted.startedAt ?? new Date()).toISOString() },
      },
      wanted.pace ?? FAST,
      wanted.callMs ?? 20_000,
    );
  const stored = () => s3.objects.get(`bucket/${KEY}`);
  const DONE = { IsComplete: true, Data: { Url: `s3://bucket/${KEY}`, Sha256: sha256(FILE) } };
  /** Nothing of a transfer is left. */
  const expectTidy = () => {
    expect([...s3.objects.keys()].filter((path) => path.startsWith('bucket/') && path !== `bucket/${KEY}`)).toEqual([]);
    expect(s3.uploads.size).toBe(0);
  };

  test('brings a file in parts, byte for byte', async () => {
    expect(await run()).toEqual(DONE);
    expect(stored()).toEqual({ bytes: FILE, metadata: { sha256: sha256(FILE) } });
    expect(server.requests).toHaveLength(11);
    expectTidy();
  });

  test('brings a file whole from a server without ranges', async () => {
    server.always = whole;
    expect(await run()).toEqual(DONE);
    expect(stored()?.bytes).toEqual(FILE);
    expect(server.requests).toEqual(['bytes=0-0', 'whole']);
    expectTidy();
  });

  test('asks for nothing when the file is there already', async () => {
    await run();
    server.requests.length = 0;
    expect(await run()).toEqual(DONE);
    expect(server.requests).toEqual([]);
  });

  test('records the hash of a file that the configuration has none of', async () => {
    expect(await run({ hash: null })).toEqual(DONE);
  });

  test('reads an s3:// address', async () => {
    s3.put('mirror/druid.tar.gz', FILE);
    expect(await run({ urls: ['s3://mirror/druid.tar.gz'] })).toEqual(DONE);
    expect(stored()?.bytes).toEqual(FILE);
  });

  test('says so when it may not read an s3:// address, or there is no such file', async () => {
    s3.forbidden.add('closed');
    await expect(run({ urls: ['s3://closed/file', 's3://mirror/missing'] })).rejects.toThrow(
      "druid.tarball: s3://closed/file answers 403 AccessDenied: may the function read it? the bucket needs a policy if it is another account's; s3://mirror/missing answers 404 NoSuchKey",
    );
  });

  test.each([500, 502, 503, 504, 429, 408])('tries again after %i', async (code) => {
    server.next.push(status(code), ranged, status(code), status(code));
    expect(await run()).toEqual(DONE);
  });

  test('reads a part again that was cut off', async () => {
    server.next.push(ranged, truncated, truncated);
    expect(await run()).toEqual(DONE);
    expect(stored()?.bytes).toEqual(FILE);
  });

  test('begins again with a whole file that was cut off', async () => {
    server.always = whole;
    server.next.push(whole, (_request, response, file) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, 5_000), () => response.destroy());
    });
    expect(await run()).toEqual(DONE);
    expect(server.requests).toEqual(['bytes=0-0', 'whole', 'bytes=0-0', 'whole']);
    expectTidy();
  });

  test('pauses longer after each failure', async () => {
    const failures: number[] = [];
    server.next.push(status(503), status(503), status(503));
    await run({ pace: { ...FAST, pauseMs: (count) => failures.push(count) } });
    expect(failures).toEqual([1, 2, 3]);
    expect([1, 2, 3, 4, 5, 6, 7].map(PACE.pauseMs)).toEqual([2, 4, 8, 16, 32, 60, 60].map((s) => s * 1_000));
  });

  test('takes the next address when one has no such file, is away, or has another file', async () => {
    const [gone, wrong, away] = await Promise.all([FileServer.start(), FileServer.start(), FileServer.start()]);
    gone.always = status(404);
    wrong.file = randomBytes(10_000);
    away.stop();
    expect(await run({ urls: [gone.url, wrong.url, away.url, server.url] })).toEqual(DONE);
    expect(gone.requests).toHaveLength(1);
    expect(stored()?.bytes).toEqual(FILE);
    expectTidy();
    gone.stop();
    wrong.stop();
  });

  test('names the address, both hashes and the field when the hash is wrong, and keeps nothing', async () => {
    const hash = 'c'.repeat(64);
    await expect(run({ hash })).rejects.toThrow(
      `druid.tarball: ${server.url} has the SHA-256 ${sha256(FILE)}, but druid.tarball.sha256 is ${hash}: correct the hash, or name another address in druid.tarball.url`,
    );
    expect(stored()).toBeUndefined();
    expectTidy();
  });

  test('names every address and its reason when none is of use', async () => {
    const other = await FileServer.start();
    other.always = status(403);
    server.always = status(404);
    await expect(run({ urls: [server.url, other.url] })).rejects.toThrow(
      `druid.tarball: ${server.url} answers 404 Not Found; ${other.url} answers 403 Forbidden`,
    );
    other.stop();
    expectTidy();
  });

  test('gives an address up that never recovers', async () => {
    server.always = status(503);
    await expect(run()).rejects.toThrow(`druid.tarball: ${server.url} answers 503 Service Unavailable`);
    expect(server.requests).toHaveLength(PACE.lastPatience + 1);
  });

  test('refuses an empty file', async () => {
    server.file = Buffer.alloc(0);
    await expect(run({ hash: null })).rejects.toThrow(`druid.tarball: ${server.url} is empty`);
    server.always = whole;
    await expect(run({ hash: null })).rejects.toThrow(`druid.tarball: ${server.url} is empty`);
  });

  test('leaves what does not come within one call to the next, which reads only what is missing', async () => {
    const startedAt = new Date();
    let served = 0;
    server.always = (request, response, file) => {
      served += 1;
      // The probe and six parts; then it is slower than the call is long.
      if (served <= 7) {
        ranged(request, response, file, server.eTag);
      }
    };
    expect(await run({ startedAt, callMs: CALL_MS })).toEqual({ IsComplete: false });
    const arrived = [...s3.uploads.values()].flatMap(({ parts }) => [...parts.keys()]);
    expect(arrived.length).toBeGreaterThan(0);
    server.always = ranged;
    server.requests.length = 0;
    expect(await run({ startedAt })).toEqual(DONE);
    expect(server.requests).toHaveLength(1 + 10 - arrived.length);
    expect(stored()?.bytes).toEqual(FILE);
    expectTidy();
  });

  test('begins from nothing at the next request of CloudFormation', async () => {
    server.always = (request, response, file) => {
      if (server.requests.length <= 4) {
        ranged(request, response, file, server.eTag);
      }
    };
    expect(await run({ startedAt: new Date(Date.now() - 1_000), callMs: CALL_MS })).toEqual({ IsComplete: false });
    server.always = ranged;
    server.requests.length = 0;
    expect(await run()).toEqual(DONE);
    expect(server.requests).toHaveLength(11);
    expectTidy();
  });

  test('begins from nothing when a file without a known hash has changed meanwhile', async () => {
    const startedAt = new Date();
    server.always = (request, response, file) => {
      if (server.requests.length <= 4) {
        ranged(request, response, file, server.eTag);
      }
    };
    expect(await run({ startedAt, hash: null, callMs: CALL_MS })).toEqual({ IsComplete: false });
    const changed = randomBytes(10_000);
    server.file = changed;
    server.always = ranged;
    server.eTag = '"2"';
    expect(await run({ startedAt, hash: null })).toMatchObject({ Data: { Sha256: sha256(changed) } });
    expect(stored()?.bytes).toEqual(changed);
  });

  test('says what to do about a slow server without ranges', async () => {
    server.always = (_request, response, file) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, 10));
    };
    await expect(run({ callMs: CALL_MS })).rejects.toThrow(
      /druid\.tarball: http\S+ can't be asked for parts \(Range\).*s3:\/\/ address in druid\.tarball\.url/,
    );
  });

  test('ends before CloudFormation stops waiting, and says how far it came', async () => {
    server.always = (request, response, file) => {
      if (server.requests.length <= 4) {
        ranged(request, response, file, server.eTag);
      }
    };
    const startedAt = new Date(Date.now() - TOTAL_MS + CALL_MS);
    await expect(run({ startedAt })).rejects.toThrow(
      /^druid\.tarball: after 50 min \d+ of 10000 bytes of http\S+ had arrived: try again, or name a nearer address in druid\.tarball\.url/,
    );
    expectTidy();
  });

  test('follows redirects', async () => {
    server.next.push((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    expect(await run()).toEqual(DONE);
  });

  describe('as a custom resource', () => {
    const event = (RequestType: string, more: object = {}) => ({
      RequestType,
      ResourceProperties: properties({}),
      ...more,
    });

    test('is another resource when the file is another', async () => {
      expect(await onEvent(event('Create'))).toMatchObject({ PhysicalResourceId: KEY });
      const moved = { ...properties({}), Key: 'druid/tarball/def/druid.tar.gz' };
      expect(await onEvent(event('Update', { PhysicalResourceId: KEY, ResourceProperties: moved }))).toMatchObject({
        PhysicalResourceId: moved.Key,
      });
    });

    test('answers only once the file is there', async () => {
      const { Data } = await onEvent(event('Create'));
      expect(await isComplete(event('Create', { PhysicalResourceId: KEY, Data }))).toEqual(DONE);
    });

    test('deletes its file and what is on its way, and nothing else', async () => {
      await run();
      s3.put('bucket/druid/tarball/def/druid.tar.gz', FILE);
      const gone = event('Delete', { PhysicalResourceId: KEY });
      expect(await onEvent(gone)).toEqual({ PhysicalResourceId: KEY });
      expect(await isComplete(gone)).toEqual({ IsComplete: true });
      expect([...s3.objects.keys()]).toEqual(['bucket/druid/tarball/def/druid.tar.gz']);
    });

    test('deletes a file that is half there, and one that is not there at all', async () => {
      server.always = (request, response, file) => {
        if (server.requests.length <= 4) {
          ranged(request, response, file, server.eTag);
        }
      };
      await run({ callMs: CALL_MS });
      expect(s3.uploads.size).toBe(1);
      const gone = event('Delete', { PhysicalResourceId: KEY });
      await onEvent(gone);
      expectTidy();
      expect(await onEvent(gone)).toEqual({ PhysicalResourceId: KEY });
    });

    test('leaves alone what a resource that failed before it had an id is called', async () => {
      await run();
      await onEvent(event('Delete', { PhysicalResourceId: 'igrid-druid-druid-1XYZ' }));
      expect(stored()).toBeDefined();
    });
  });
});
