/**
 * What the Druid host's units and scripts run (ec2-userdata/druid), with the settings of /etc/igrid/settings as
 * environment variables. Exit status: 1 failure, 2 wrong usage.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { EC2Client } from '@aws-sdk/client-ec2';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Command } from 'commander';

import { runProgram } from '../../command-line/run-program.ts';
import { DruidApi } from '../../druid/api.ts';
import { SECRET_VARIABLES } from '../../druid/settings.ts';
import { replaceStaleTasks } from '../../druid/stale-tasks.ts';
import { discardUnsettledRows } from '../../druid/unsettled-rows.ts';
import { type DruidUser, READERS } from '../../druid/users.ts';
import { type AskSecret, secretsManager } from '../secrets/secret-source.ts';
import { writeDropIns } from './drop-ins.ts';
import { machineSize } from './druid-settings.ts';
import { instanceId } from './instance.ts';
import { takeInterface } from './network-interface.ts';
import { HOST_PLACES, HOST_PORTS, LOOPBACK, REPORT_PASSWORD } from './places.ts';
import { prepare } from './prepare.ts';
import { report } from './report.ts';
import { loginSchema } from './secrets.ts';
import { parseHostSettings, READER_SECRETS } from './settings.ts';
import { hostSizes } from './sizes.ts';
import { gatewayOf } from './subnet.ts';
import { ensureReader } from './users.ts';

/** A host that is replaced may live on for as long as its group takes to end it. */
const INTERFACE_PATIENCE_MS = 600_000;

/** Of Druid, from its processes' start until SQL is answered. */
const READY_MS = 600_000;

/** Of one report: well under the minute from one to the next. */
const REPORT_TIMEOUT_MS = 10_000;

/** The Indexer's folder of tasks. */
const TASKS = join(HOST_PLACES.cache, 'tasks');

const settings = () => parseHostSettings(process.env);
const secrets = () => secretsManager(new SecretsManagerClient({}));

const program = new Command('druid-host').description("What the Druid host's units and scripts run.").exitOverride();

program
  .command('attach')
  .description("take the retained network interface; prints its MAC address and its subnet's router")
  .action(async () => {
    const { NETWORK_INTERFACE_ID, SUBNET_CIDR } = settings();
    const mac = await takeInterface(new EC2Client({}), NETWORK_INTERFACE_ID, await instanceId(), {
      patienceMs: INTERFACE_PATIENCE_MS,
    });
    process.stdout.write(`${mac} ${gatewayOf(SUBNET_CIDR)}\n`);
  });

program
  .command('limit')
  .description("write systemd's drop-ins: how much memory each process may have")
  .action(async () => {
    const { DRUID_MEMORY_MB } = settings();
    const size = await machineSize(HOST_PLACES.disk, DRUID_MEMORY_MB);
    await writeDropIns(HOST_PLACES.units, hostSizes(size));
  });

program
  .command('prepare')
  .description('write configuration and secrets, for the processes to start with')
  .action(() => prepare(settings(), HOST_PLACES, secrets()));

program
  .command('ready')
  .description('wait until SQL is answered over TLS, with every reader there')
  .action(async () => {
    const host = settings();
    const ask = secrets();
    const hasLogin = host.DRUID_LOGIN === 'basic';
    const admin = hasLogin && { login: await login(ask, host.ADMIN_SECRET) };
    await new DruidApi({ url: host.DRUID_URL, ...admin }).waitUntilReady(READY_MS);
    if (!hasLogin) {
      return;
    }
    // The Coordinator itself: the Router does not pass this interface on.
    const coordinator = new DruidApi({
      url: `http://${LOOPBACK}:${HOST_PORTS['coordinator-overlord']}`,
      ...admin,
    });
    for (const reader of READERS) {
      const { password } = await login(ask, host[READER_SECRETS[reader]]);
      await ensureReader(coordinator, reader, password);
    }
  });

program
  .command('report')
  .description('print how Druid does, as JSON lines')
  .action(async () => {
    const { DRUID_URL, DRUID_LOGIN } = settings();
    const password = (await readFile(join(HOST_PLACES.run, REPORT_PASSWORD), 'utf8')).trim();
    const api = new DruidApi({
      url: DRUID_URL,
      timeoutMs: REPORT_TIMEOUT_MS,
      ...(DRUID_LOGIN === 'basic' && { login: { user: 'report', password } }),
    });
    for (const line of await report(api, Date.now())) {
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  });

program
  .command('replace-stale-tasks')
  .description('before the Indexer starts: end tasks that would throw readings of the present away')
  .action(async () => {
    // With the environment of Druid's processes.
    const password = process.env[SECRET_VARIABLES.adminPassword];
    const overlord = new DruidApi({
      url: `http://${LOOPBACK}:${HOST_PORTS['coordinator-overlord']}`,
      timeoutMs: REPORT_TIMEOUT_MS,
      ...(settings().DRUID_LOGIN === 'basic' && {
        login: { user: 'admin' satisfies DruidUser, password: password ?? '' },
      }),
    });
    // The tasks' folder may be new, with its instance, and the tasks in the metadata are not.
    const ended = await replaceStaleTasks(overlord, TASKS);
    for (const id of ended) {
      process.stdout.write(`ended ${id}: it would have left out readings of now\n`);
    }
  });

program
  .command('discard-unsettled-rows')
  .description('before the Indexer starts: have tasks read again what a killed one left on disk')
  .action(async () => {
    for (const id of await discardUnsettledRows(TASKS)) {
      process.stdout.write(`${id} reads again: it was not stopped in order\n`);
    }
  });

async function login(ask: AskSecret, secret: string): Promise<{ user: string; password: string }> {
  const { username: user, password } = await ask(secret, loginSchema);
  return { user, password };
}

await runProgram(
  'druid-host',
  (args) => args,
  async (args) => {
    await program.parseAsync(args, { from: 'user' });
  },
);
