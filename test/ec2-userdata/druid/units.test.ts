import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execaSync } from 'execa';

import { DRUID_SERVICES } from '../../../src/druid/settings.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { dropIn, writeDropIns } from '../../../src/hosts/druid/drop-ins.ts';
import { hostSizes } from '../../../src/hosts/druid/sizes.ts';

const UNITS = repositoryPath('ec2-userdata/druid/units');
const sizes = hostSizes({ memoryMb: 60_000, cpus: 8, diskGb: 1_900 });
const hasSystemd = execaSync('systemd-analyze', ['--version'], { reject: false }).exitCode === 0;

/** Programs that units name, and systemd's own units that they wait for. */
const PROGRAMS = ['usr/bin/java', 'opt/igrid/runtime/bin/node'];
const SYSTEM_UNITS = ['basic', 'sysinit', 'shutdown', 'local-fs', 'network-online', 'timers', 'multi-user'];

describe("the Druid host's units", () => {
  let root: string;
  const systemd = () => join(root, 'etc/systemd/system');
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'igrid-units-'));
    cpSync(UNITS, systemd(), { recursive: true });
    cpSync(repositoryPath('ec2-userdata/druid'), join(root, 'opt/igrid/current/host'), { recursive: true });
    for (const program of PROGRAMS) {
      mkdirSync(dirname(join(root, program)), { recursive: true });
      writeFileSync(join(root, program), '', { mode: 0o755 });
    }
    for (const name of SYSTEM_UNITS) {
      writeFileSync(join(systemd(), `${name}.target`), '[Unit]\n');
    }
    await writeDropIns(systemd(), sizes);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  /** What systemd has to say against a unit. */
  const verify = (unit: string): string => {
    const { all } = execaSync('systemd-analyze', ['verify', `--root=${root}`, '--man=no', unit], {
      all: true,
      reject: false,
    });
    return all;
  };

  (hasSystemd ? test : test.skip)('are all understood by systemd, drop-ins and all', () => {
    const units = readdirSync(UNITS).flatMap((name) =>
      name === 'igrid-druid@.service' ? DRUID_SERVICES.map((service) => `igrid-druid@${service}.service`) : [name],
    );
    expect(units).toHaveLength(8 + DRUID_SERVICES.length);
    for (const unit of units) {
      expect({ unit, said: verify(unit) }).toEqual({ unit, said: '' });
    }
  });

  (hasSystemd ? test : test.skip)('would not be, were one of them wrong', () => {
    writeFileSync(join(systemd(), 'wrong.service'), '[Service]\nExecStart=/usr/bin/nothing\nMemoryMx=1G\n');
    expect(verify('wrong.service')).toMatch(/MemoryMx/);
  });

  test('start the process first that the others ask', () => {
    expect(dropIn('broker', sizes)).toContain('After=igrid-druid@coordinator-overlord.service');
    const first = dropIn('coordinator-overlord', sizes);
    expect(first).not.toContain('After=');
    expect(first).toContain(
      'ExecStartPost=/opt/igrid/current/host/wait-for-http.sh http://127.0.0.1:8081/status/health',
    );
  });

  test('start an Indexer only when ZooKeeper has forgotten the one before', () => {
    const wait = 'ExecStartPre=/opt/igrid/current/host/wait-for-deregistration.sh 2181 8091';
    const waiting = DRUID_SERVICES.filter((service) => dropIn(service, sizes).includes(wait));
    expect(waiting).toEqual(['indexer']);
  });

  test('replace stale tasks before an Indexer starts, once the one before is forgotten', () => {
    const replace =
      'ExecStartPre=/opt/igrid/runtime/bin/node /opt/igrid/current/src/druid/host.mjs replace-stale-tasks';
    const replacing = DRUID_SERVICES.filter((service) => dropIn(service, sizes).includes(replace));
    expect(replacing).toEqual(['indexer']);
    const indexer = dropIn('indexer', sizes);
    expect(indexer.indexOf('wait-for-deregistration.sh')).toBeLessThan(indexer.indexOf(replace));
  });

  test('have tasks read again what a killed Indexer left, last before one starts', () => {
    const discard =
      'ExecStartPre=/opt/igrid/runtime/bin/node /opt/igrid/current/src/druid/host.mjs discard-unsettled-rows';
    const discarding = DRUID_SERVICES.filter((service) => dropIn(service, sizes).includes(discard));
    expect(discarding).toEqual(['indexer']);
    expect(dropIn('indexer', sizes).trimEnd().endsWith(discard)).toBe(true);
  });

  test('bound the memory of every process, and run none that lasts as root', () => {
    for (const service of DRUID_SERVICES) {
      expect(dropIn(service, sizes)).toContain(`MemoryMax=${sizes.limitsMb[service]}M`);
    }
    for (const name of ['igrid-druid@.service', 'igrid-druid-zookeeper.service', 'igrid-druid-report.service']) {
      const unit = readFileSync(join(UNITS, name), 'utf8');
      expect(unit).toContain('User=igrid-druid');
      expect(unit).toContain('ProtectSystem=strict');
      expect(unit).toContain('NoNewPrivileges=true');
    }
  });
});
