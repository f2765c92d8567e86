/** The user data, run by the real shell: it ends with a service that answers, or with a machine that is shut down. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execaSync } from 'execa';

import { FIRST_BOOT_LIMIT, SIGNAL_TIMEOUT } from '../../../lib/hosts/first-boot.ts';
import { renderText, shellWord } from '../../../src/core/templates/template.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { FakeHost } from '../../support/fake-host.ts';

const MINUTE = 60;
const LIMIT = '45min';
const file = (name: string): string => readFileSync(repositoryPath(`ec2-userdata/common/${name}`), 'utf8');

let host: FakeHost;
let sha256: string;
beforeEach(() => {
  host = new FakeHost();
  host.write('var/lib/cloud/data/instance-id', 'i-0123\n');
  script('common/install-agents.sh', 'echo agents installed');
  script('host/install.sh', 'echo host installed');
  host.fake('aws', AWS);
});
afterEach(() => host.remove());

/** S3 holds one archive; CloudFormation waits for a signal. */
const AWS = `
case "$1 $2" in
  's3 cp') cp "$ROOT/archive.tar" "$5" ;;
esac`;

/** Part of the archive: an executable script. */
function script(name: string, text: string): void {
  host.write(`archive/${name}`, `#!/bin/bash\nset -euo pipefail\n${host.rewritten(text)}\n`);
}

function boot(wanted?: string) {
  execaSync('chmod', ['--recursive', 'a+x', host.path('archive')]);
  execaSync('tar', ['--create', `--file=${host.path('archive.tar')}`, `--directory=${host.path('archive')}`, '.']);
  sha256 = createHash('sha256')
    .update(readFileSync(host.path('archive.tar')))
    .digest('hex');
  const text = renderText(
    { name: 'user-data.sh', text: file('user-data.sh') },
    {
      ...{ stack: 'igrid-replay', resource: 'Group', region: 'eu-central-1', limit: LIMIT },
      ...{ endHost: file('end-host.sh').trimEnd(), retry: file('retry.sh').trimEnd() },
      ...{ aptSources: 'deb http://mirror/debian bookworm main', settings: 'HOST_ROLE="replay"' },
      ...{ runtimeUrl: 's3://assets/archive', runtimeSha256: sha256 },
      ...{ archiveUrl: 's3://assets/archive', archiveSha256: wanted ?? sha256 },
    },
    shellWord,
  );
  mkdirSync(host.path('etc/apt/sources.list.d'), { recursive: true });
  return host.run(text);
}

const signals = () =>
  host.calls.flatMap((call) => /signal-resource .*--unique-id i-0123 --status (\w+)/.exec(call)?.[1] ?? []);
const isShutDown = () => host.calls.includes('systemctl poweroff --no-block');

describe('a first boot that succeeds', () => {
  test('tells CloudFormation, leaves its mark and takes the time limit away', () => {
    expect(boot()).toEqual({ exitCode: 0, said: expect.stringContaining('host installed') });
    expect(signals()).toEqual(['SUCCESS']);
    expect(host.has('var/lib/igrid/installed')).toBe(true);
    expect(host.calls).toContain('systemctl disable --now igrid-first-boot-limit.timer');
    expect(isShutDown()).toBe(false);
  });

  test('does not wait for a deployment that is not there', () => {
    host.fake(
      'aws',
      `${AWS}\n[[ $2 != signal-resource ]] || { echo 'An error occurred (ValidationError)' >&2; exit 254; }`,
    );
    expect(boot().exitCode).toBe(0);
    expect({ signals: signals(), seconds: host.seconds, down: isShutDown() }).toEqual({
      ...{ signals: ['SUCCESS'], seconds: 0, down: false },
    });
  });

  test.each([
    ["Debian's mirror", 'apt-get', 'exit 100'],
    ['S3', 'aws', `[[ $1 != s3 ]] || exit 1;${AWS}`],
    ['CloudFormation', 'aws', `[[ $1 != cloudformation ]] || exit 255;${AWS}`],
  ])('outlasts minutes without %s', (_, command, away) => {
    const minutes = away.includes('cloudformation') ? 4 : 14;
    host.fake(
      command,
      `if (( $(uptime) < ${minutes * MINUTE} )); then ${away}\nelse true;${command === 'aws' ? AWS : ''}\nfi`,
    );
    expect(boot().exitCode).toBe(0);
    expect(signals().at(-1)).toBe('SUCCESS');
    expect(isShutDown()).toBe(false);
    expect(host.seconds).toBeGreaterThan(minutes * MINUTE);
  });
});

describe('a first boot that fails', () => {
  test('tells CloudFormation and shuts the machine down, with the reason on the console and in the log', () => {
    script('host/install.sh', 'echo "druid: no such user"; exit 3');
    const { exitCode, said } = boot();
    expect(exitCode).toBe(3);
    expect(said).toMatch(/druid: no such user\n[^]*failed with status 3 at line \d+ \(.*host\/install\.sh\)/);
    expect(signals()).toEqual(['FAILURE']);
    expect(isShutDown()).toBe(true);
    const reason = /shut down and will be replaced: the first boot failed with status 3 at line \d+ \(/;
    expect(host.read('dev/console')).toMatch(reason);
    expect(host.read('var/log/igrid-user-data.log')).toMatch(reason);
    expect(host.has('var/lib/igrid/installed')).toBe(false);
  });

  test('shuts the machine down without the AWS CLI, which never came', () => {
    host.without('aws');
    host.fake('apt-get', 'exit 100');
    expect(boot().exitCode).not.toBe(0);
    expect(host.seconds).toBeGreaterThanOrEqual(15 * MINUTE);
    expect(isShutDown()).toBe(true);
  });

  test('ends at once when an archive is another one than it should be', () => {
    expect(boot('f'.repeat(64)).exitCode).not.toBe(0);
    expect(signals()).toEqual(['FAILURE']);
    expect({ down: isShutDown(), current: host.has('opt/igrid/current') }).toEqual({ down: true, current: false });
  });

  test('shuts the machine down when it is stopped by a signal', () => {
    script('host/install.sh', 'kill -TERM $PPID; exec /usr/bin/sleep 1');
    expect(boot().exitCode).not.toBe(0);
    expect(isShutDown()).toBe(true);
  });

  test('shuts the machine down when not even the reason can be kept', () => {
    host.fake('logger', 'exit 1');
    mkdirSync(host.path('dev/console'));
    script('host/install.sh', 'exit 1');
    boot();
    expect(isShutDown()).toBe(true);
  });
});

describe('the time limit', () => {
  test('is set before anything can hang, outlives a reboot, and ends a host that is not installed', () => {
    boot();
    const enabled = host.calls.indexOf('systemctl enable --now igrid-first-boot-limit.timer');
    const first = host.calls.findIndex((call) => call.startsWith('apt-get') || call.startsWith('aws'));
    expect(enabled).toBeGreaterThanOrEqual(0);
    expect(enabled).toBeLessThan(first);
    const unit = (name: string) => host.read(`etc/systemd/system/igrid-first-boot-limit.${name}`);
    expect(unit('timer')).toContain(`OnBootSec=${LIMIT}\n`);
    expect(unit('timer')).toContain('WantedBy=timers.target');
    expect(unit('service')).toMatch(/^ConditionPathExists=!.*\/var\/lib\/igrid\/installed$/m);
    expect(unit('service')).toMatch(/^ExecStart=.*\/usr\/local\/sbin\/igrid-end-host "/m);
  });

  test('holds the patience with an outage and with the service, and CloudFormation waits longer', () => {
    const patience = /RETRY_SECONDS:=(\d+)/.exec(file('retry.sh'))?.[1];
    const answers = ['airflow', 'druid', 'replay', 'superset'].map((kind) => {
      const text = readFileSync(repositoryPath(`ec2-userdata/${kind}/install.sh`), 'utf8');
      return Number(/^answers (\d+)/m.exec(text)?.[1]);
    });
    const work = 10 * MINUTE;
    expect(Number(patience)).toBeGreaterThanOrEqual(15 * MINUTE);
    expect(FIRST_BOOT_LIMIT.toSeconds()).toBeGreaterThanOrEqual(work + Number(patience) + Math.max(...answers));
    expect(SIGNAL_TIMEOUT.toSeconds()).toBeGreaterThan(FIRST_BOOT_LIMIT.toSeconds());
    // The longest PauseTime of CloudFormation's update policy.
    expect(SIGNAL_TIMEOUT.toSeconds()).toBeLessThanOrEqual(60 * MINUTE);
  });
});
