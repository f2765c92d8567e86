/** What happens to a deployment sooner or later: hosts reboot, processes die, a host is lost. */
import { TOPICS } from '../../src/core/messages/topics.ts';
import { describe, druidNumber, reconcile } from '../audit.ts';
import { type Check, CheckError } from '../check.ts';
import { eventually } from '../eventually.ts';
import { instanceOf, onHost, reboot, terminate } from '../hosts.ts';
import { flowing } from '../topics.ts';

/** How long a host may take until its services run again, ms. */
const PATIENCE_MS = 600_000;

/** The services whose death must not be noticed for long, by the host's word. */
const SERVICES = {
  replay: ['igrid-replay'],
  druid: [
    'igrid-druid-zookeeper',
    ...['coordinator-overlord', 'broker', 'historical', 'indexer', 'router'].map((name) => `igrid-druid@${name}`),
  ],
  airflow: ['igrid-airflow-scheduler', 'igrid-airflow-dag-processor', 'igrid-airflow-api-server', 'igrid-canary'],
  superset: ['igrid-superset'],
} as const;

export type Host = keyof typeof SERVICES;

export const HOSTS = Object.keys(SERVICES) as readonly Host[];

/** Reboots some of the hosts, one after another. */
export const rebooted = (name: string, hosts: readonly Host[]): Check => ({
  name,
  expectation: `${hosts.join(', ')}: rebooted, services come back by themselves and nothing is lost`,
  after: ['reconciled'],
  run: async (environment) => {
    for (const host of hosts) {
      const instance = await instanceOf(host);
      const before = (await onHost(host, BOOT_ID)).trim();
      await reboot(host);
      await comesBack(host, async () => {
        const now = (await onHost(host, BOOT_ID)).trim();
        return now !== '' && now !== before;
      });
      await comesBack(host, () => allActive(host));
      const now = await instanceOf(host);
      if (now !== instance) {
        throw new CheckError(`${instance} was replaced by ${now} instead of rebooted`);
      }
    }
    await flowing(TOPICS.powerraw);
    await flowing(TOPICS.dutycycle);
    return describe(await reconcile(environment, true));
  },
});

export const killed: Check = {
  name: 'killed',
  expectation: 'each service that is killed is started again and nothing is lost',
  after: ['reconciled'],
  run: async (environment) => {
    let count = 0;
    for (const host of HOSTS) {
      for (const unit of SERVICES[host]) {
        const pid = (await onHost(host, mainPid(unit))).trim();
        await onHost(host, `systemctl kill --signal=KILL --kill-whom=main ${unit}`);
        await comesBack(host, async () => {
          const now = (await onHost(host, mainPid(unit))).trim();
          return now !== '0' && now !== pid && (await allActive(host));
        });
        count += 1;
      }
    }
    await flowing(TOPICS.powerraw);
    await flowing(TOPICS.dutycycle);
    return `${count} services; ${describe(await reconcile(environment, false))}`;
  },
};

export const druidLost: Check = {
  name: 'druid-lost',
  expectation: 'a Druid host that is terminated is replaced and answers with the same counts',
  after: ['reconciled'],
  run: async (environment) => {
    const gone = await terminate('druid');
    const startedMs = Date.now();
    await comesBack('druid', async () => (await instanceOf('druid')) !== gone && (await allActive('druid')));
    await comesBack('druid', async () => (await druidNumber('SELECT SUM("count") AS n FROM powerraw')) > 0);
    const seconds = Math.round((Date.now() - startedMs) / 1_000);
    return `answers after ${seconds} s; ${describe(await reconcile(environment, false))}`;
  },
};

/** Another one after each boot, in a container as well: when systemd was started, in ticks of the clock. */
const BOOT_ID = "cut --delimiter=' ' --fields=22 /proc/1/stat";

const mainPid = (unit: string): string => `systemctl show --property=MainPID --value ${unit}`;

/** Whether all services of a host are up. */
export async function allActive(host: Host): Promise<boolean> {
  const states = await onHost(host, `systemctl is-active ${SERVICES[host].join(' ')} || true`);
  return states
    .trim()
    .split('\n')
    .every((state) => state === 'active');
}

/** @throws CheckError when a condition does not come true; a host that can't be asked is not there yet. */
export async function comesBack(host: Host, condition: () => Promise<boolean>): Promise<void> {
  await eventually(
    () => condition().catch(() => false),
    { timeoutMs: PATIENCE_MS },
    () => `the ${host} host does not come back: see its logs`,
  );
}
