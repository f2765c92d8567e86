import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exists } from '../engines/disk/exists.ts';
import { claimFolder, emptyFolder, isMarked } from '../engines/disk/marked-folder.ts';
import { kafkaProcess } from '../engines/processes/kafka.ts';
import { jarsStep } from '../engines/setup/jars.ts';
import { pythonStep } from '../engines/setup/python.ts';
import { type EngineHomes, makeAll, setUp, type SetupProgress } from '../engines/setup/set-up.ts';
import type { EngineProcess } from '../engines/supervision/engine.ts';
import { isListening } from '../engines/supervision/listening.ts';
import { Supervisor } from '../engines/supervision/supervisor.ts';
import type { GridConfigInput } from '../lib/config/schema.ts';
import { type GridClock, gridClock } from '../src/core/clock/grid-clock.ts';
import { OUTSIDE_ADDRESS, PORTS, SERVICE_ADDRESS } from './addresses.ts';
import { cdk } from './cloud.ts';
import { fillMirror, rehearsalConfig } from './configuration.ts';
import { debianArchive, DebianMirror } from './debian-mirror.ts';
import { emrNodeBinds } from './emr-node.ts';
import { emulatorProcess, namesProcess } from './emulator.ts';
import { Namespaces } from './namespaces.ts';
import { pythonPackagesStep } from './python-packages.ts';
import { rootsStep } from './roots.ts';

/** What the cache holds for rehearsals, beside the engines. */
interface Homes {
  readonly engines: EngineHomes;
  readonly python: string;
  readonly roots: string;
  readonly sparkS3: string;
  readonly iamAuth: string;
  readonly pythonPackages: string;
  readonly archive: string;
}

/** What of the rehearsal's folder stays once it is over: to see what went wrong. */
const KEPT = new Set(['logs', 'config.json']);

/**
 * Everything that a deployment is rehearsed on: the namespaces, the emulated AWS with its real engines, the mirror. Set
 * up once, taken down whatever happens.
 */
export class Environment {
  readonly #speed: number;
  readonly #note: (text: string) => void;
  readonly #supervisor: Supervisor;
  /** When it was made, ms since the epoch: no reading of its deployments is older. */
  readonly beganMs = Date.now();
  #namespaces: Namespaces | undefined;
  #mirror: DebianMirror | undefined;
  #config: GridConfigInput = {};

  /**
   * @param state folder of all that a rehearsal makes; emptied first, and kept for its logs only.
   * @param speed grid seconds per second of the clock.
   * @param note called with sentences for the user.
   */
  constructor(
    readonly state: string,
    speed: number,
    note: (text: string) => void,
  ) {
    this.#speed = speed;
    this.#note = note;
    this.#supervisor = new Supervisor(this.logs, join(state, 'processes.json'));
    this.#supervisor.on('event', ({ note: text }) => {
      if (text !== undefined) {
        note(text);
      }
    });
  }

  get clock(): GridClock {
    return gridClock(this.#speed);
  }

  get logs(): string {
    return join(this.state, 'logs');
  }

  get configFile(): string {
    return join(this.state, 'config.json');
  }

  /** @throws SetupError, SupervisionError, with one line for the user. */
  async setUp(report: (steps: readonly SetupProgress[]) => void, signal: AbortSignal): Promise<void> {
    // A rehearsal of a version that knew no marks has left just this.
    await claimFolder(this.state, '--state', (names) =>
      Promise.resolve(names.includes('config.json') && names.every((name) => KEPT.has(name))),
    );
    const homes = await this.#homes(report, signal);
    await emptyFolder(this.state);
    await mkdir(this.logs, { recursive: true });
    signal.throwIfAborted();
    this.#namespaces = await Namespaces.create(this.state);
    this.#mirror = await DebianMirror.start(homes.archive, OUTSIDE_ADDRESS, PORTS.mirror);
    const kafka = this.#kafka(homes.engines);
    const aws = emulatorProcess({
      python: homes.python,
      roots: homes.roots,
      state: this.state,
      emrBinds: await emrNodeBinds(homes.engines.spark, homes.engines.sparkJars, homes.sparkS3),
    });
    const namespaces = this.#namespaces;
    await this.#supervisor.start([namesProcess(this.state), kafka, aws].map((engine) => namespaces.inside(engine)));
    const { druidJars, avroExtension, sparkJars } = homes.engines;
    const mirrored = await fillMirror(this.state, { ...homes, druidJars, avroExtension, sparkJars });
    const authority = join(this.state, 'authority', 'ca.pem');
    await this.configure(rehearsalConfig(mirrored, authority, this.#speed));
  }

  /** What the next deployment is made of. */
  get config(): GridConfigInput {
    return this.#config;
  }

  /** Writes the file that the next deployment reads. */
  async configure(config: GridConfigInput): Promise<void> {
    this.#config = config;
    await writeFile(this.configFile, JSON.stringify(config, null, 2));
  }

  /** A real broker, for the rehearsal's hosts and for the checks outside alike. */
  #kafka({ tools, kafkaJars }: EngineHomes): EngineProcess {
    const listener = (name: string, port: number): string => `${name}://${SERVICE_ADDRESS}:${port}`;
    const plaintext = listener('PLAINTEXT', PORTS.kafka);
    const engine = kafkaProcess({
      java: tools.java,
      jars: kafkaJars,
      directory: join(this.state, 'kafka'),
      port: PORTS.kafka,
      controllerPort: PORTS.kafkaController,
      heapMb: 256,
      settings: {
        'controller.quorum.voters': `1@${SERVICE_ADDRESS}:${PORTS.kafkaController}`,
        listeners: `${plaintext},${listener('CONTROLLER', PORTS.kafkaController)}`,
        'advertised.listeners': plaintext,
      },
    });
    return { ...engine, isHealthy: () => isListening(SERVICE_ADDRESS, PORTS.kafka) };
  }

  async #homes(report: (steps: readonly SetupProgress[]) => void, signal: AbortSignal): Promise<Homes> {
    const engines = await setUp(report, signal);
    const archive = await debianArchive();
    const here = (...names: string[]): string => join(import.meta.dirname, ...names);
    const lock = here('emulator', 'requirements.lock');
    const python = await pythonStep(engines.tools, 'AWS emulator', 'ministack', lock, 120_000_000);
    const roots = await rootsStep(archive);
    const sparkS3 = await jarsStep('S3 for Spark', here('setup', 'spark-s3'));
    const iamAuth = await jarsStep('MSK IAM', here('setup', 'msk-iam-auth'));
    const packages = await pythonPackagesStep(engines.tools);
    await makeAll([[python, packages], [roots], [sparkS3, iamAuth]], report, signal);
    return {
      ...{ engines, archive, python: python.folder, roots: roots.folder },
      ...{ sparkS3: sparkS3.folder, iamAuth: iamAuth.folder, pythonPackages: packages.folder },
    };
  }

  /** The CDK CLI against this environment. @throws CdkError. */
  cdk(args: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<string> {
    return cdk(args, { state: this.state, config: this.configFile, timeoutMs, signal });
  }

  /** Takes Debian's mirror away while something is done. */
  async withoutMirror<T>(work: () => Promise<T>): Promise<T> {
    this.#mirror?.stop();
    try {
      return await work();
    } finally {
      await this.#mirror?.resume();
    }
  }

  /** Takes everything down and leaves logs and configuration. Safe to call at any time, and twice. */
  async tearDown(): Promise<void> {
    this.#mirror?.stop();
    await this.#saveMachineLogs();
    await this.#supervisor.stop();
    await this.#namespaces?.destroy();
    this.#namespaces = undefined;
    // A set-up that was refused the folder has made nothing in it.
    if (await isMarked(this.state)) {
      await emptyFolder(this.state, KEPT);
    }
  }

  /** Of machines that still run; those that ended have left theirs. */
  async #saveMachineLogs(): Promise<void> {
    const machines = join(this.state, 'machines');
    for (const machine of await readdir(machines).catch(() => [])) {
      if (!(await exists(join(machines, machine, 'upper')))) {
        continue;
      }
      const target = join(this.logs, machine);
      await mkdir(target, { recursive: true });
      await cp(join(machines, machine, 'console.log'), join(target, 'console.log')).catch(() => undefined);
      const options = { recursive: true, filter: (path: string) => !path.endsWith('.journal') };
      await cp(join(machines, machine, 'upper', 'var', 'log'), target, options).catch((error: unknown) =>
        this.#note(`logs of ${machine} could not be kept: ${String(error)}`),
      );
    }
  }
}
