/** What the Airflow host and the Superset host get, unpacked: everything that refers to a file finds it. */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { airflowContents } from '../../../lib/airflow/airflow-host.ts';
import type { Content } from '../../../lib/assets/archive.ts';
import { checkConfig } from '../../../lib/config/load.ts';
import { HOST_LAYOUT } from '../../../lib/hosts/layout.ts';
import { supersetContents } from '../../../lib/superset/superset-host.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { SECRET_FILES } from '../../../src/hosts/secrets/secret-files.ts';
import { type UnpackedArchive, unpackedArchive } from '../../support/host-archive.ts';

const CONFIG = checkConfig({});
const SYSTEMD_ANALYZE = '/usr/bin/systemd-analyze';

const KINDS: readonly ['airflow' | 'superset', Readonly<Record<string, Content>>][] = [
  ['airflow', airflowContents(CONFIG)],
  ['superset', supersetContents(CONFIG)],
];

describe.each(KINDS)('the archive of the %s host', (kind, contents) => {
  let archive: UnpackedArchive;
  let units: string[];
  const text = (path: string): string => readFileSync(join(archive.folder, path), 'utf8');
  beforeAll(() => {
    archive = unpackedArchive(kind, contents);
    units = readdirSync(join(archive.folder, 'host/units'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.(service|timer|conf)$/.test(path),
    );
  });
  afterAll(() => archive.remove());

  test('has every file that its units, scripts and settings name', () => {
    const files = readdirSync(archive.folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /^host\/.*\.(sh|service|conf)$|^[^/]*\.(env|cfg)$/.test(path),
    );
    const named = files.flatMap((file) =>
      [...text(file).matchAll(new RegExp(`${HOST_LAYOUT.release}/([\\w./-]+)`, 'g'))].map(([, path = '']) => path),
    );
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((path) => !existsSync(join(archive.folder, path)))).toEqual([]);
  });

  test('has scripts that may be run wherever a unit runs one', () => {
    const commands = units.flatMap((unit) =>
      [...text(`host/units/${unit}`).matchAll(/^Exec\w+=(\S+)/gm)].map(([, path = '']) => path),
    );
    const ours = commands.filter((path) => path.startsWith(HOST_LAYOUT.release));
    for (const path of ours) {
      accessSync(join(archive.folder, path.slice(HOST_LAYOUT.release.length)), constants.X_OK);
    }
    expect(commands.length).toBeGreaterThan(0);
  });

  test('has programs that run with nothing else around them', () => {
    const programs = readdirSync(archive.folder).filter((path) => path.endsWith('.mjs'));
    expect(programs).toContain('secrets.mjs');
    for (const program of programs) {
      const { status, stdout } = spawnSync(process.execPath, [join(archive.folder, program), '--help']);
      expect({ program, status, help: stdout.toString() }).toEqual({
        program,
        status: 0,
        help: expect.stringContaining('Usage:'),
      });
    }
  });

  test('makes secrets only for a service that it knows', () => {
    const run = (...args: string[]) => spawnSync(process.execPath, [join(archive.folder, 'secrets.mjs'), ...args]);
    expect(run('nobody', '/tmp').status).toBe(2);
    const { status, stderr } = run(kind, '/tmp');
    expect({ status, stderr: stderr.toString() }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^secrets: wrong settings in \/etc\/igrid\/settings: .*DATABASE_HOST.*\n/),
    });
  });

  test('verifies the database by certificates, each of them whole', () => {
    const pem = text('database-ca.pem');
    expect(pem.match(/-----BEGIN CERTIFICATE-----/g)?.length).toBeGreaterThan(100);
    expect(pem.match(/-----END CERTIFICATE-----\n/g)).toHaveLength(
      pem.match(/-----BEGIN CERTIFICATE-----\n/g)?.length ?? 0,
    );
  });

  (existsSync(SYSTEMD_ANALYZE) ? test : test.skip)('has units that systemd finds nothing to say against', () => {
    const root = join(archive.folder, 'root');
    cpSync('/lib/systemd/system', join(root, 'lib/systemd/system'), { recursive: true, verbatimSymlinks: true });
    cpSync(join(archive.folder, 'host/units'), join(root, 'etc/systemd/system'), { recursive: true });
    // What the archive does not bring: Node and the Python environments.
    for (const unit of units) {
      for (const [, path = ''] of text(`host/units/${unit}`).matchAll(/^Exec\w+=(\S+)/gm)) {
        mkdirSync(join(root, dirname(path)), { recursive: true });
        writeFileSync(join(root, path), '#!/bin/sh\n', { mode: 0o755 });
      }
    }
    const names = units.filter((unit) => !unit.includes('/'));
    const { status, stderr } = spawnSync(SYSTEMD_ANALYZE, [`--root=${root}`, 'verify', ...names]);
    expect({ status, said: stderr.toString() }).toEqual({ status: 0, said: '' });
  });
});

describe('the Airflow host', () => {
  test("has Airflow's login in its database, made at each start from the file that the units' folder holds", () => {
    const { folder, remove } = unpackedArchive('airflow', airflowContents(CONFIG));
    const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
    expect(read('airflow.cfg')).toMatch(/^auth_manager = .*\.FabAuthManager$/m);
    expect(read('host/setup.sh')).toContain(`login.py" "$RUNTIME_DIRECTORY/${SECRET_FILES.airflowPasswords}"`);
    expect(read('host/units/igrid-airflow-setup.service')).toMatch(/^RuntimeDirectory=igrid-airflow$/m);
    expect(existsSync(join(folder, 'host/login.py'))).toBe(true);
    remove();
  });

  test('runs the history program at the speed of the configuration', () => {
    const env = airflowContents(checkConfig({ speed: 1 }))['airflow.env'];
    expect(env).toEqual({ text: expect.stringContaining('["/opt/igrid/current/host/history.sh","--speed","1"]') });
    expect(env).toEqual({ text: expect.stringContaining("IGRID_HISTORY_INTERVAL_MS='600000'") });
  });
});

describe("the database's certificates", () => {
  test('can be those of another database, for a deployment that is rehearsed', () => {
    const authorityFile = repositoryPath('LICENSE');
    const contents = supersetContents(checkConfig({ database: { authorityFile } }));
    expect(contents['database-ca.pem']).toEqual({ text: readFileSync(authorityFile, 'utf8') });
  });
});
