/** When a host ends itself, decided by the real script from what systemd says. */
import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { repositoryPath } from '../../../src/files/repository.ts';
import { FakeHost } from '../../support/fake-host.ts';

const UNIT = 'igrid-druid@broker.service';
const OTHER = 'igrid-druid@router.service';
const REPLACE_AFTER = 15;

/** What `systemctl show` prints: a file per unit, with the state and the minute since when it is active. */
const SYSTEMCTL = `
[[ $1 == show ]] || exit 0
file=$ROOT/units/\${*: -1}
[[ -e $file ]] || exit 1
read -r state since <"$file"
printf 'ActiveState=%s\\nActiveEnterTimestampMonotonic=%s\\n' "$state" "$(( (100 + since * 60) * 1000000 ))"
`;

let host: FakeHost;
let minute: number;
beforeEach(() => {
  host = new FakeHost();
  host.install('ec2-userdata/common/retry.sh', 'common/retry.sh');
  host.install('ec2-userdata/common/watchdog.sh', 'common/watchdog.sh');
  host.install('ec2-userdata/common/maintenance.sh', 'usr/local/sbin/igrid-maintenance');
  host.install('ec2-userdata/common/end-host.sh', 'usr/local/sbin/igrid-end-host');
  host.write('etc/igrid/settings', `REPLACE_AFTER_MINUTES="${REPLACE_AFTER}"\n`);
  host.write('etc/igrid/watched', `${UNIT}\n${OTHER}\n`);
  host.write('var/lib/igrid/installed', '');
  host.fake('systemctl', SYSTEMCTL);
  minute = 100;
  host.write('proc/uptime', `${100 + minute * 60}.00 0.00\n`);
  state(UNIT, 'active');
  state(OTHER, 'active');
});
afterEach(() => host.remove());

function state(unit: string, active: string, sinceMinute = 0): void {
  host.write(`units/${unit}`, `${active} ${sinceMinute}\n`);
}

/** The timer's next runs. */
function look(minutes: number, before: () => void = () => undefined): string {
  let said = '';
  for (let count = 0; count < minutes; count += 1) {
    minute += 1;
    host.write('proc/uptime', `${100 + minute * 60}.00 0.00\n`);
    before();
    said += `${host.run('exec "$ROOT/common/watchdog.sh"').said}\n`;
  }
  return said;
}

const maintenance = (...args: string[]) => host.run('exec "$ROOT/usr/local/sbin/igrid-maintenance" "$@"', ...args);
const isEnded = () => host.calls.includes('systemctl poweroff --no-block');

describe('a host is ended', () => {
  test.each(['failed', 'inactive', 'activating', 'deactivating'])(
    'when a service has been %s for too long',
    (active) => {
      look(2);
      state(UNIT, active);
      look(REPLACE_AFTER);
      expect(isEnded()).toBe(false);
      look(1);
      expect(isEnded()).toBe(true);
      expect(host.read('dev/console')).toContain(`${UNIT} has been down for ${REPLACE_AFTER} minutes`);
    },
  );

  test('when a service is started again and again, though it is active at every look', () => {
    look(2);
    look(REPLACE_AFTER + 1, () => state(UNIT, 'active', minute - 1));
    expect(isEnded()).toBe(true);
  });

  test('when any of its services is down, by the one that has been so for longest', () => {
    state(OTHER, 'failed');
    look(10);
    state(UNIT, 'failed');
    look(6);
    expect(isEnded()).toBe(true);
    expect(host.read('dev/console')).toContain(OTHER);
  });

  test('once maintenance has run out', () => {
    state(UNIT, 'inactive');
    look(5);
    expect(maintenance('20').exitCode).toBe(0);
    look(19);
    expect(isEnded()).toBe(false);
    look(REPLACE_AFTER);
    expect(isEnded()).toBe(false);
    look(2);
    expect(isEnded()).toBe(true);
  });
});

describe('a host is left alone', () => {
  test('while its services are active, however busy: nothing but systemd is asked', () => {
    look(3 * REPLACE_AFTER);
    expect(isEnded()).toBe(false);
    expect(new Set(host.calls.map((call) => call.split(' ').slice(0, 2).join(' ')))).toEqual(
      new Set(['systemctl show']),
    );
  });

  test('when a service that was down comes back in time, and stays', () => {
    state(UNIT, 'failed');
    look(REPLACE_AFTER - 7);
    state(UNIT, 'active', minute);
    expect(look(2 * REPLACE_AFTER)).toContain(`${UNIT} is up again`);
    expect(isEnded()).toBe(false);
  });

  test('when an operator restarts a service every quarter of an hour', () => {
    let restarted = 0;
    look(3 * REPLACE_AFTER, () => {
      if (minute % 15 === 0) {
        restarted = minute;
      }
      state(UNIT, 'active', restarted);
    });
    expect(isEnded()).toBe(false);
  });

  test('under maintenance, which is for a day at most', () => {
    state(UNIT, 'inactive');
    maintenance('40');
    look(39);
    expect(isEnded()).toBe(false);
    for (const wrong of ['0', '1441', '-5', 'soon', '']) {
      expect(maintenance(wrong)).toEqual({ exitCode: 2, said: expect.stringContaining('MINUTES must be 1 to 1440') });
    }
  });

  test('until the end of its first boot', () => {
    host.run('rm "$ROOT/var/lib/igrid/installed"');
    state(UNIT, 'failed');
    look(2 * REPLACE_AFTER);
    expect(isEnded()).toBe(false);
  });

  test('when it did not run for a while: counting starts again', () => {
    state(UNIT, 'failed');
    look(1);
    minute += 2 * REPLACE_AFTER;
    expect(look(REPLACE_AFTER)).toContain('counting starts again');
    expect(isEnded()).toBe(false);
  });

  test('when systemd gives no answer', () => {
    look(1);
    host.run(`rm "$ROOT/units/${UNIT}"`);
    expect(look(2 * REPLACE_AFTER)).toContain('systemd does not say');
    expect(isEnded()).toBe(false);
  });
});

test('every host has its services watched, and all of them are units of its own', () => {
  for (const kind of ['airflow', 'druid', 'replay', 'superset']) {
    const text = readFileSync(repositoryPath(`ec2-userdata/${kind}/install.sh`), 'utf8');
    const list = /^watched_services (.*)$/m.exec(text)?.[1] ?? '';
    const { said } = host.run(`printf '%s\\n' ${list}`);
    expect(said.split('\n').every((unit) => /^igrid-[a-z@-]+\.service$/.test(unit))).toBe(true);
    const folder = kind === 'replay' ? '' : '/units';
    for (const unit of said.split('\n')) {
      const name = unit.replace(/@.*\./, '@.');
      expect(readFileSync(repositoryPath(`ec2-userdata/${kind}${folder}/${name}`), 'utf8')).toContain('Restart=always');
    }
  }
});
