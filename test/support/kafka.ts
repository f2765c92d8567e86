import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import getPort from 'get-port';

import { kafkaProcess } from '../../engines/processes/kafka.ts';
import { setUp } from '../../engines/setup/set-up.ts';
import { HOST } from '../../engines/supervision/addresses.ts';
import { Supervisor } from '../../engines/supervision/supervisor.ts';

/** A real broker for a test, on a port and in a folder of its own. */
export interface TestKafka {
  /** host:port */
  readonly brokers: string;
  /** Kills the broker with SIGKILL; the supervisor brings it back. */
  kill: () => void;
  /** Holds the broker (SIGSTOP) or lets it go on (SIGCONT). */
  signal: (signal: NodeJS.Signals) => void;
  /** Ends it and removes its folder. */
  stop: () => Promise<void>;
}

/**
 * Starts a broker; resolves when it accepts connections.
 *
 * @param folder what an earlier broker has left; removed at the end. Default: a new one.
 */
export async function startKafka(folder?: string): Promise<TestKafka> {
  const { tools, kafkaJars } = await setUp(() => undefined);
  const directory = folder ?? (await mkdtemp(join(tmpdir(), 'igrid-kafka-')));
  const logs = join(directory, 'logs');
  await mkdir(logs, { recursive: true });
  const [port, controllerPort] = [await getPort(), await getPort()];
  const supervisor = new Supervisor(logs, join(directory, 'processes.json'));
  await supervisor.start([
    kafkaProcess({ java: tools.java, jars: kafkaJars, directory, port, controllerPort, heapMb: 256 }),
  ]);
  return {
    brokers: `${HOST}:${port}`,
    kill: () => supervisor.signal('kafka', 'SIGKILL'),
    signal: (signal) => supervisor.signal('kafka', signal),
    stop: async () => {
      await supervisor.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
