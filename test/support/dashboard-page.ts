import { writeFile } from 'node:fs/promises';

import type { Locator, Page } from 'playwright-core';
import { z } from 'zod';

import { SUPERSET_USER } from '../../src/superset/settings.ts';

/** How a tile of the dashboard is. */
export interface Tile {
  readonly name: string;
  /** `shown` when it has drawn data and is neither loading, nor empty, nor an error. */
  readonly state: 'shown' | 'loading' | 'empty' | 'error';
}

/**
 * Opens the dashboard and logs in on the way, as a person would.
 *
 * @returns whether Superset let it in.
 */
export async function logIn(page: Page, url: string, password: string): Promise<boolean> {
  // The dashboard's own requests go on while it is live: it is never idle.
  await page.goto(url, { waitUntil: 'commit', timeout: 120_000 });
  await page.waitForSelector('#username', { timeout: 120_000 });
  await page.fill('#username', SUPERSET_USER);
  await page.fill('#password', password);
  const answered = page.waitForResponse((response) => response.request().method() === 'POST', { timeout: 120_000 });
  await page.click('[data-test="login-button"]');
  await answered;
  const isIn = await page.context().request.get(new URL('/api/v1/me/', url).href);
  if (isIn.status() === 401) {
    return false;
  }
  await page.waitForSelector('[data-test="grid-content"]', { timeout: 120_000 });
  return true;
}

/** All tiles of the dashboard, in its order. */
export async function tilesOf(page: Page): Promise<Tile[]> {
  const charts = await page.locator('[data-test-chart-name]').all();
  return Promise.all(
    charts.map(async (chart) => ({
      name: (await chart.getAttribute('data-test-chart-name')) ?? '',
      state: await stateOf(chart),
    })),
  );
}

async function stateOf(chart: Locator): Promise<Tile['state']> {
  const has = async (selector: string): Promise<boolean> => (await chart.locator(selector).count()) > 0;
  if (await has('text=/No results were returned|No data/')) {
    return 'empty';
  }
  if (await has('[role="alert"]')) {
    return 'error';
  }
  const isLoading = await has('[data-test="loading-indicator"], .loading');
  const isDrawn = await has('canvas, table tbody tr, .header-line');
  return isDrawn && !isLoading ? 'shown' : 'loading';
}

/** What the appliances of the house in focus usually draw, as its table says: a number of watts, or nothing. */
export async function usualPowers(page: Page): Promise<string[]> {
  return page.locator(`[data-test-chart-name="${USUAL_TILE}"] tbody tr td:last-child`).allTextContents();
}

/** The tile with the classes, the duty cycles and the usual powers of the house in focus. */
export const USUAL_TILE = 'House in focus: duty cycle and usual power';

/** How often a picture is taken until it is the same as the one before. */
const PICTURES = 20;

/** Saves a picture of all tiles, however long the dashboard is, once they no longer change. */
export async function wholePage(page: Page, path: string): Promise<void> {
  const tiles = await page.locator('[data-test="grid-content"]').boundingBox();
  if (tiles === null) {
    throw new Error('the dashboard shows no tiles');
  }
  await page.setViewportSize({ width: 1440, height: Math.ceil(tiles.y + tiles.height) + 20 });
  let picture = await page.screenshot();
  for (let taken = 1; taken < PICTURES; taken++) {
    await page.waitForTimeout(200);
    const next = await page.screenshot();
    const rests = next.equals(picture) && (await tilesOf(page)).every(({ state }) => state === 'shown');
    picture = next;
    if (rests) {
      break;
    }
  }
  await writeFile(path, picture);
}

/** Figures of "now" as the page's own session gets them. */
export interface NowFigures {
  /** kW */
  readonly powerKw: number;
  readonly coverage: number;
  /** First moment after "now", ms since the epoch. */
  readonly endMs: number;
  readonly spanMs: number;
}

const chartData = z.object({
  result: z.tuple([
    z.object({
      data: z.tuple([
        z.object({ power_kw: z.number(), coverage: z.number(), as_of_ms: z.number(), span_ms: z.number() }),
      ]),
    }),
  ]),
});
const datasets = z.object({ result: z.array(z.object({ id: z.number(), table_name: z.string() })) });
const token = z.object({ result: z.string() });

/** Asks Superset's chart data API what the tile of the total power shows, and of which span. */
export async function nowFigures(page: Page): Promise<NowFigures> {
  const known = datasets.parse(await getJson(page, '/api/v1/dataset/?q=(page_size:100)'));
  const id = known.result.find(({ table_name }) => table_name === 'appliances_now')?.id;
  if (id === undefined) {
    throw new Error('Superset has no dataset appliances_now');
  }
  const csrf = token.parse(await getJson(page, '/api/v1/security/csrf_token/')).result;
  const answer = await page.evaluate(
    async ([datasource, crossSiteToken]) => {
      const response = await fetch('/api/v1/chart/data', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-csrftoken': crossSiteToken },
        body: JSON.stringify({
          datasource: { id: datasource, type: 'table' },
          force: true,
          queries: [{ columns: [], metrics: ['power_kw', 'coverage', 'as_of_ms', 'span_ms'], row_limit: 1 }],
          result_format: 'json',
          result_type: 'full',
        }),
      });
      return response.text();
    },
    [id, csrf] as const,
  );
  const [{ data }] = chartData.parse(JSON.parse(answer)).result;
  return {
    powerKw: data[0].power_kw,
    coverage: data[0].coverage,
    endMs: data[0].as_of_ms,
    spanMs: data[0].span_ms,
  };
}

const ranges = z.object({ result: z.tuple([z.object({ since: z.string(), until: z.string() })]) });

/** What Superset's time filter says that a range such as "Last 10 minutes" means. */
export async function timeRange(page: Page, range: string): Promise<{ since: string; until: string }> {
  const answer = await getJson(page, `/api/v1/time_range/?q=${encodeURIComponent(`'${range}'`)}`);
  return ranges.parse(answer).result[0];
}

/** How many of these Superset holds: `chart`, `dashboard`, `dataset`, `database`. */
export async function countOf(page: Page, resource: string): Promise<number> {
  return z.object({ count: z.number() }).parse(await getJson(page, `/api/v1/${resource}/?q=(page_size:1)`)).count;
}

async function getJson(page: Page, path: string): Promise<unknown> {
  return JSON.parse(await page.evaluate(async (address) => (await fetch(address)).text(), path));
}
