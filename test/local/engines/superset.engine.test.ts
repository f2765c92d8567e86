import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ensureTopics } from '../../../local/topics.ts';
import { lookups } from '../../../src/appliances/registry.ts';
import { gridClock } from '../../../src/clock/grid-clock.ts';
import { setLookups } from '../../../src/druid/lookups.ts';
import { supervisorSpecs } from '../../../src/druid/supervisor-specs.ts';
import { submitSupervisor } from '../../../src/druid/supervisors.ts';
import { startBrowser } from '../../support/browser.ts';
import { countOf, logIn, nowFigures, tilesOf, type NowFigures } from '../../support/dashboard-page.ts';
import { startDruid, type TestDruid } from '../../support/druid.ts';
import { GridFeed } from '../../support/grid-feed.ts';
import { powerOfAppliancesKw } from '../../support/kafka-power.ts';
import { startKafka, type TestKafka } from '../../support/kafka.ts';
import { startSuperset, type TestSuperset } from '../../support/superset.ts';

const CLOCK = gridClock(24);
const HISTORY_SLOT_MS = 25_000;
/** The trend's default time range: the page is looked at with all of it filled. */
const PAST_MS = 10 * 60_000;
const TILES = 14;

jest.setTimeout(300_000);

let kafka: TestKafka;
let druid: TestDruid;
let feed: GridFeed;
let superset: TestSuperset;
let browser: Browser;
let page: Page;
/** Addresses that the page got something from, or tried to. */
const answered: string[] = [];
const failed: string[] = [];

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
  opened.on('requestfinished', (request) => answered.push(request.url()));
  opened.on('response', (response) => {
    if (response.status() >= 400 && response.url().includes('/chart/data')) failed.push(response.url());
  });
  return opened;
}

describe('the dashboard', () => {
  test('lets nobody in with another password than the generated one', async () => {
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
      if (Date.now() > deadlineMs) break;
      await sleep(500);
      tiles = await tilesOf(page);
    }
    await picture();
    expect(tiles.filter(({ state }) => state !== 'shown')).toEqual([]);
    expect(tiles).toHaveLength(TILES);
    expect(failed).toEqual([]);
  });

  test('gets nothing from any other host', () => {
    const own = new URL(superset.url).origin;
    expect(answered.length).toBeGreaterThan(TILES);
    expect(answered.filter((url) => !url.startsWith(own) && !/^(data|blob):/.test(url))).toEqual([]);
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

  test('is the same after a kill and a second start', async () => {
    const before = await superset.password();
    await superset.restart();
    expect(await superset.password()).toBe(before);
    const counts = await Promise.all(['chart', 'dashboard', 'dataset', 'database'].map((name) => countOf(page, name)));
    expect(counts).toEqual([TILES, 1, 5, 1]);
  });
});

/** Saves the whole page as a picture: to DASHBOARD_PICTURE when that is set, else only to prove that it can. */
async function picture(): Promise<void> {
  const grid = await page.locator('[data-test="grid-content"]').boundingBox();
  if (grid === null) throw new Error('the page shows no tiles');
  await page.setViewportSize({ width: 1440, height: Math.ceil(grid.y + grid.height) + 20 });
  await sleep(2_000);
  const folder = await mkdtemp(join(tmpdir(), 'igrid-picture-'));
  const path = process.env.DASHBOARD_PICTURE ?? join(folder, 'dashboard.png');
  await page.screenshot({ path });
  expect((await stat(path)).size).toBeGreaterThan(50_000);
  await rm(folder, { recursive: true });
}
