/**
 * `npm run picture`: the README's picture, of the dashboard of a grid that runs on this machine. Start it first, with
 * `npm start`, and wait until its terminal names the dashboard's address.
 *
 * It also prints how long the dashboard took from the login until it had its tiles, and until the tiles had their data.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Command } from 'commander';

import { dashboardUrl, passwordFile } from '../../engines/processes/superset.ts';
import { DEFAULT_PORTS } from '../../engines/supervision/addresses.ts';
import { runProgram } from '../../src/command-line/run-program.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { startBrowser } from './browser.ts';
import { logIn, tilesOf, usualPowers, wholePage } from './dashboard-page.ts';

interface Settings {
  readonly state: string;
  readonly port: number;
  readonly out: string;
}

const ROOT = repositoryPath();
/** Until the first slot of history has come, which gives the house in focus its usual power. */
const LOAD_MS = 300_000;

function parse(args: readonly string[]): Settings {
  return new Command('picture')
    .description("Saves the dashboard of a running grid as the README's picture.")
    .option('--state <dir>', "the grid's state", join(ROOT, '.igrid'))
    .option('--port <port>', "Superset's port", Number, DEFAULT_PORTS.superset)
    .option('--out <file>', 'the picture', join(ROOT, 'docs/dashboard.png'))
    .allowExcessArguments(false)
    .parse([...args], { from: 'user' })
    .opts<Settings>();
}

await runProgram('picture', parse, async ({ state, port, out }) => {
  const password = await readFile(passwordFile(join(state, 'superset')), 'utf8').catch((error: unknown) => {
    throw new Error(
      `no dashboard has been set up in ${state}: run npm start, and wait for the address of the dashboard`,
      {
        cause: error,
      },
    );
  });
  const browser = await startBrowser();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    const begin = Date.now();
    if (!(await logIn(page, dashboardUrl(port), password.trim()))) {
      throw new Error(`Superset at port ${port} refuses the password of ${state}: choose another --state or --port`);
    }
    const opened = Date.now();
    let loaded: number | undefined;
    let waiting: string[];
    do {
      await sleep(200);
      const tiles = await tilesOf(page);
      waiting = tiles.length === 0 ? ['all'] : tiles.filter(({ state }) => state !== 'shown').map(({ name }) => name);
      if (waiting.length === 0) {
        loaded ??= Date.now();
      }
      if (!(await usualPowers(page)).some((text) => /\d/.test(text))) {
        waiting.push('usual power');
      }
      if (Date.now() - opened > LOAD_MS) {
        throw new Error(`these tiles show nothing: ${waiting.join(', ')}`);
      }
    } while (waiting.length > 0);
    const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
    console.log(
      `page and login ${seconds(opened - begin)}, then all tiles ${seconds((loaded ?? Date.now()) - opened)}`,
    );
    await wholePage(page, out);
    console.log(`${out}: ${Math.round((await stat(out)).size / 1_000)} kB`);
  } finally {
    await browser.close();
  }
});
