/**
 * `node --import tsx bench/replay/main.ts [--readings N] [--runs N] [--json FILE]`: how fast readings get into a real
 * broker, ours beside kafka-tools' ProducerPerformance and a producer as the seed's was, on one topic, runs interleaved.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { execa } from 'execa';
import getPort from 'get-port';
import { Kafka, logLevel } from 'kafkajs';
import pWaitFor from 'p-wait-for';

import { HOST } from '../../local/engines/addresses.ts';
import { kafkaProcess } from '../../local/engines/kafka.ts';
import { pythonOf, pythonStep } from '../../local/setup/python.ts';
import { setUp } from '../../local/setup/set-up.ts';
import { wholeNumber } from '../../src/replay/option-parsers.ts';
import { runProducerPerformance, runReplay, runSeedProducer, type PeerTarget, type Rate } from './peers.ts';

const PARTITIONS = 6;
const TOPIC = 'bench';

interface Measured extends Rate {
  /** CPU of the broker during the run, s. */
  readonly brokerCpuSeconds: number;
}

const command = new Command('bench/replay')
  .option('--readings <number>', 'readings a run', wholeNumber(1), 500_000)
  .option('--runs <number>', 'runs of each', wholeNumber(1), 3)
  .option('--json <file>', 'where to write the results')
  .parse();
const { readings, runs, json } = command.opts<{ readings: number; runs: number; json?: string }>();

const { tools, kafkaJars } = await setUp(() => undefined);
const lock = join(import.meta.dirname, '..', 'peers', 'requirements.lock');
const peers = await pythonStep(tools, 'Bench peers', 'bench-peers', lock, 20_000_000);
if (!(await peers.isMade())) await peers.make(() => undefined, new AbortController().signal);

const directory = await mkdtemp(join(tmpdir(), 'igrid-bench-'));
const port = await getPort();
const engine = kafkaProcess({
  java: tools.java,
  jars: kafkaJars,
  directory,
  port,
  controllerPort: await getPort(),
});
await engine.prepare?.();
const broker = execa(engine.command, typeof engine.args === 'function' ? engine.args() : engine.args, {
  stdio: 'ignore',
  forceKillAfterDelay: 10_000,
  reject: false,
});
try {
  await pWaitFor(engine.isWell, { interval: 200, timeout: 120_000 });
  const target: PeerTarget = { brokers: `${HOST}:${port}`, topic: TOPIC, readings };
  await createTopic(target.brokers);
  const contenders = new Map<string, () => Promise<Rate>>([
    ['replay (kafkajs)', () => runReplay(target)],
    ['ProducerPerformance', () => runProducerPerformance(tools.java, kafkaJars, target)],
    ['seed producer (Python)', () => runSeedProducer(pythonOf(peers.folder), target)],
  ]);
  const results = new Map<string, Measured[]>([...contenders.keys()].map((name) => [name, []]));
  for (let run = 1; run <= runs; run += 1) {
    for (const [name, measure] of contenders) {
      const before = await cpuSecondsOf(broker.pid ?? 0);
      const rate = await measure();
      const brokerCpuSeconds = (await cpuSecondsOf(broker.pid ?? 0)) - before;
      results.get(name)?.push({ ...rate, brokerCpuSeconds });
      console.log(`run ${run}: ${name}: ${Math.round(rate.perSecond).toLocaleString('en-GB')} readings/s`);
    }
  }
  await report(results);
} finally {
  broker.kill('SIGTERM');
  await broker;
  await rm(directory, { recursive: true, force: true });
}

async function report(results: ReadonlyMap<string, readonly Measured[]>): Promise<void> {
  const ours = [...results.values()][0] ?? [];
  const rows = [...results].map(([name, measured]) => ({
    name,
    per_second: Math.round(median(measured.map(({ perSecond }) => perSecond))),
    ours_is_times: Number(
      (median(ours.map(({ perSecond }) => perSecond)) / median(measured.map(({ perSecond }) => perSecond))).toFixed(2),
    ),
    client_cpu_s_per_million: Number(
      (median(measured.map(({ cpuSeconds }) => cpuSeconds)) / (readings / 1e6)).toFixed(1),
    ),
    broker_cpu_s_per_million: Number(
      (median(measured.map(({ brokerCpuSeconds }) => brokerCpuSeconds)) / (readings / 1e6)).toFixed(1),
    ),
  }));
  console.table(rows);
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ readings, runs, rows }, undefined, 2)}\n`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** User and system time of a process so far, s. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // After the name in brackets, which may hold anything: fields 14 and 15, in ticks of 1/100 s on Linux.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function createTopic(brokers: string): Promise<void> {
  const admin = new Kafka({ clientId: 'bench', brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: TOPIC, numPartitions: PARTITIONS }] });
  await admin.disconnect();
}
