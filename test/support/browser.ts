import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { type Browser, chromium as playwright } from 'playwright-core';

import { CACHE_DIRECTORY } from '../../engines/setup/cache.ts';

/**
 * A headless browser: that of `CHROME_PATH` when it is set, else the Chromium that an npm package carries, so that a
 * fresh machine needs no system package for it.
 *
 * @throws Error saying what to do when it does not start.
 */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROME_PATH ?? (await carriedChromium());
  try {
    return await playwright.launch({
      executablePath,
      // No sandbox: a CI machine's user is root, for whom Chromium has none. It opens nothing but our own page.
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      env: { ...process.env, ...(existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: join(UNPACKED, 'fonts') }) },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error);
    throw new Error(`${executablePath} does not start: set CHROME_PATH to an installed Chrome or Chromium (${reason})`);
  }
}

const UNPACKED = join(CACHE_DIRECTORY, 'chromium-147.0.0');

/** Unpacks the carried Chromium, once. */
async function carriedChromium(): Promise<string> {
  await mkdir(UNPACKED, { recursive: true });
  // The package unpacks into the temporary folder, and takes any file of that name which it finds there for its own; a
  // process of its own, since under jest a change of TMPDIR does not reach os.tmpdir().
  const script = "import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath());";
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    env: { TMPDIR: UNPACKED },
  });
  return stdout.trim();
}
