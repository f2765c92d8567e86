import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';

import { ensureTopics } from '../../../local/topics.ts';
import { lookups } from '../../../src/core/appliances/registry.ts';
import { gridClock } from '../../../src/core/clock/grid-clock.ts';
import { setLookups } from '../../../src/druid/lookups.ts';
import { supervisorSpecs } from '../../../src/druid/supervisor-specs.ts';
import { submitSupervisor } from '../../../src/druid/supervisors.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { startBrowser } from '../../support/browser.ts';
import {
  countOf,
  logIn,
  type NowFigures,
  nowFigures,
  tilesOf,
  timeRange,
  USUAL_TILE,
  usualPowers,
  wholePage,
} from '../../support/dashboard-page.ts';
import { startDruid, type TestDruid } from '../../support/druid.ts';
import { GridFeed } from '../../support/grid-feed.ts';
import { startKafka, type TestKafka } from '../../support/kafka.ts';
import { powerOfAppliancesKw } from '../../support/kafka-power.ts';
import { startSuperset, type TestSuperset } from '../../support/superset.ts';

const CLOCK = gridClock(24);
const HISTORY_SLOT_MS = 25_000;
/** The trend's default time range: the dashboard is looked at with all of it filled. */
const PAST_MS = 10 * 60_000;
const TILES = 14;
const FIRST_SCREEN = ['What could be shed, by class', USUAL_TILE, 'House in focus: now and usual'];

const PREFETCHED = repositoryPath('ec2-userdata/superset/prefetch.txt');

jest.setTimeout(300_000);

let kafka: TestKafka;
let druid: TestDruid;
let feed: GridFeed;
let superset: TestSuperset;
let browser: Browser;
let page: Page;
/** Addresses that the dashboard asked, whether they answered or not. */
const asked: string[] = [];
/** Bundles that the dashboard's page fetched. */
const bundles = new Set<string>();
/** What the browser's console shows as an error. */
const errors: string[] = [];

beforeAll(async () => {
  [kafka, druid] = await Promise.all([startKafka(), startDruid()]);
  await ensureTopics(kafka.brokers);
  const consumer = { 'bootstrap.servers': kafka.brokers };
  for (const spec of await supervisorSpecs({ consumer, maxIntervalMs: CLOCK.maxGapMs })) {
    await submitSupervisor(druid.api, spec);
  }
  await setLookups(druid.api, lookups());
  feed = new GridFeed(kafka.brokers, CLOCK.windowMs, HISTORY_SLOT_MS, PAST_MS);
  await feed.start();
  superset = await startSuperset(Number(new URL(druid.url).port), CLOCK);
  browser = await startBrowser();
}, 900_000);

afterAll(async () => {
  await browser.close();
  await superset.stop();
  await feed.stop();
  await Promise.all([druid.stop(), kafka.stop()]);
}, 120_000);

async function newPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const opened = await context.newPage();
  opened.on('request', (request) => {
    asked.push(request.url());
    const bundle = /\/static\/assets\/(.+\.(js|css))$/.exec(request.url())?.[1];
    if (bundle !== undefined && request.frame().url().includes('/superset/dashboard/')) {
      bundles.add(bundle);
    }
  });
  opened.on('console', (message) => {
    if (message.type() === 'error') {
      errors.push(`${message.text()} (${message.location().url})`);
    }
  });
  opened.on('pageerror', (error) => errors.push(error.message));
  return opened;
}

describe('the dashboard', () => {
  test('refuses access with another password than the generated one', async () => {
    const stranger = await newPage();
    expect(await logIn(stranger, superset.url, 'admin')).toBe(false);
    await stranger.context().close();
  });

  test('keeps its secrets from other users of the machine', async () => {
    for (const file of ['admin-password', 'secret-key', 'superset.db']) {
      expect((await stat(join(superset.directory, file))).mode & 0o077).toBe(0);
    }
  });

  test('shows data in every tile', async () => {
    page = await newPage();
    expect(await logIn(page, superset.url, await superset.password())).toBe(true);
    const deadlineMs = Date.now() + 240_000;
    let tiles = await tilesOf(page);
    while (tiles.length < TILES || tiles.some(({ state }) => state !== 'shown')) {
      if (Date.now() > deadlineMs) {
        break;
      }
      await sleep(500);
      tiles = await tilesOf(page);
    }
    expect(tiles.filter(({ state }) => state !== 'shown')).toEqual([]);
    expect(tiles).toHaveLength(TILES);
  });

  test('has class, duty cycle and usual power on its first screen, of a house that has a usual power', async () => {
    for (const name of FIRST_SCREEN) {
      const box = await page.locator(`[data-test-chart-name="${name}"]`).boundingBox();
      expect(box === null ? Infinity : box.y + box.height).toBeLessThanOrEqual(900);
    }
    const usual = await usualPowers(page);
    expect(usual).toHaveLength(8);
    expect(usual.filter((text) => !/^[\d,]+$/.test(text))).toEqual([]);
  });

  test('can be taken a picture of', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'igrid-picture-'));
    const path = join(folder, 'dashboard.png');
    await wholePage(page, path);
    expect((await stat(path)).size).toBeGreaterThan(50_000);
    await rm(folder, { recursive: true });
  });

  test('says of a time range what its queries mean by it', async () => {
    expect(await timeRange(page, 'Last 10 minutes')).toEqual({ since: '10 minutes ago', until: 'now' });
    expect(await timeRange(page, 'Last 3 days')).toEqual({ since: '3 days ago', until: 'now' });
  });

  test('asks no other host, and shows no error in the console', () => {
    const own = new URL(superset.url).origin;
    expect(asked.length).toBeGreaterThan(TILES);
    expect(asked.filter((url) => !url.startsWith(own) && !/^(data|blob):/.test(url))).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('shows the total power that the readings in Kafka amount to', async () => {
    const shown = await nowFigures(page);
    const expected = await powerOfAppliancesKw(kafka.brokers, shown.endMs - shown.spanMs, shown.endMs);
    expect(Math.abs(shown.powerKw / expected - 1)).toBeLessThan(0.01);
    expect(shown.coverage).toBeCloseTo(1, 1);
    expect(Date.now() - shown.endMs).toBeLessThan(30_000);
  });

  test('says by its coverage that a house is silent', async () => {
    const silentFromMs = Date.now();
    feed.silence('1_0_1');
    let shown: NowFigures;
    do {
      await sleep(1_000);
      shown = await nowFigures(page);
    } while (shown.endMs - shown.spanMs < silentFromMs + 1_000);
    const expected = await powerOfAppliancesKw(kafka.brokers, shown.endMs - shown.spanMs, shown.endMs);
    expect(shown.coverage).toBeCloseTo(0.75, 2);
    expect(Math.abs(shown.powerKw / expected - 1)).toBeLessThan(0.01);
  });

  test('let the login page fetch what its charts need', async () => {
    const fetched = new Set((await readFile(PREFETCHED, 'utf8')).split('\n'));
    expect([...bundles].filter((name) => name.includes('.chunk.') && !fetched.has(name))).toEqual([]);
    expect(bundles.size).toBeGreaterThan(20);
  });

  test('is the same after a kill and a second start', async () => {
    const before = await superset.password();
    await superset.restart();
    expect(await superset.password()).toBe(before);
    const counts = await Promise.all(['chart', 'dashboard', 'dataset', 'database'].map((name) => countOf(page, name)));
    expect(counts).toEqual([TILES, 1, 6, 1]);
  });
});
