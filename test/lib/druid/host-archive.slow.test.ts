import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';

import { loadConfig } from '../../../lib/config/load.ts';
import { hostContents } from '../../../lib/druid/druid-host.ts';
import { DRUID_SERVICES } from '../../../src/druid/settings.ts';
import { type UnpackedArchive, unpackedArchive } from '../../support/host-archive.ts';

// The bundle of a program with the AWS SDK takes a moment to load on a busy machine.
jest.setTimeout(60_000);

describe("the Druid host's archive", () => {
  let archive: UnpackedArchive;
  beforeAll(() => {
    archive = unpackedArchive('druid', hostContents(loadConfig({})));
  });
  afterAll(() => archive.remove());

  const run = (...args: string[]) =>
    execa(process.execPath, [join(archive.folder, 'src/druid/host.mjs'), ...args], {
      reject: false,
      env: { AWS_REGION: 'eu-central-1' },
    });

  test('holds a program that runs with nothing else around it, and names what it was not told', async () => {
    expect((await run('--help')).exitCode).toBe(0);
    expect((await run('nothing')).exitCode).toBe(2);
    const { exitCode, stderr } = await run('prepare');
    expect(exitCode).toBe(1);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^druid-host: wrong settings in \/etc\/igrid\/settings: .*METADATA_SECRET/);
  });

  test('has the configuration where the program looks for it, and no specs', () => {
    const templates = readdirSync(join(archive.folder, 'ec2-userdata/druid/conf'));
    for (const service of DRUID_SERVICES) {
      expect(templates).toContain(`${service}.properties`);
    }
    expect(readdirSync(join(archive.folder, 'host'))).toEqual(expect.arrayContaining(['install.sh', 'units']));
    for (const name of ['conf', 'specs']) {
      expect(existsSync(join(archive.folder, 'host', name))).toBe(false);
    }
  });

  test('has every file that its scripts and units name', () => {
    const units = readdirSync(join(archive.folder, 'host/units')).map((name) => join('host/units', name));
    const scripts = readdirSync(join(archive.folder, 'host')).filter((name) => name.endsWith('.sh'));
    const text = [...units, ...scripts.map((name) => join('host', name))]
      .map((path) => readFileSync(join(archive.folder, path), 'utf8'))
      .join('\n');
    const named = [...text.matchAll(/\/opt\/igrid\/current\/([A-Za-z0-9./-]+)/g)].map(([, path = '']) => path);
    expect(new Set(named).size).toBeGreaterThan(4);
    for (const path of named) {
      expect({ path, exists: existsSync(join(archive.folder, path)) }).toEqual({ path, exists: true });
    }
  });
});
