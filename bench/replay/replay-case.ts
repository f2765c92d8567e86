import { PARTITIONS, startKafka } from '../engines/kafka.ts';
import type { BenchCase, Contender } from '../harness/bench-case.ts';
import { type PeerTarget, runProducerPerformance, runSeedProducer, sender, type TimedRate } from './peers.ts';
import { TRANSIENT_TOPIC } from './transient-topic.ts';
import { watchReplay } from './watch-replay.ts';

const TOPIC = 'bench';

/** Readings a run, by contender: some ten seconds of what each of them manages. */
const READINGS = { direct: 12_000_000, producerPerformance: 6_000_000, kafkajs: 700_000, seed: 300_000 } as const;

/** Playbacks of the sample data that are replayed at once: a parsed reading becomes so many messages, as in the grid. */
const PLAYBACKS = 50;

/** Readings into a real broker, on one topic that every run adds to. */
export const replayCase: BenchCase = {
  name: 'replay',
  title:
    `readings parsed from files, ${PLAYBACKS} playbacks each, and acknowledged by one broker ` +
    `(acks=all, ${PARTITIONS} partitions), unpaced, client and broker on one machine`,
  unit: 'readings/s',
  async open(bench) {
    const python = await bench.peersPython();
    const kafka = await startKafka(bench);
    await kafka.createTopics([TOPIC], PARTITIONS, TRANSIENT_TOPIC);
    const { tools, kafkaJars } = bench.homes;
    const replay = (name: string, sink: 'direct' | 'kafkajs', playbacks: number): Contender => ({
      name,
      run: async () => {
        const readings = Math.ceil(READINGS[sink] * bench.scale);
        const args = [
          ...['--brokers', kafka.brokers, '--topic', TOPIC, '--sink', sink, '--from', '0', '--to', String(playbacks)],
          ...['--unpaced', '--readings', String(readings)],
        ];
        const watched = await watchReplay('unpaced', args, () => kafka.cpuSeconds());
        return {
          rate: watched.readings / watched.seconds,
          count: watched.readings,
          cpuSeconds: watched.cpuSeconds,
          more: { rss_mb: watched.peakBytes / 1e6 },
        };
      },
    });
    const peer = (name: string, amount: number, send: (target: PeerTarget) => Promise<TimedRate>) =>
      sender(bench, kafka, TOPIC, name, amount, send);
    return {
      ours: replay('replay', 'direct', PLAYBACKS),
      peers: [
        replay('replay of a single playback: every message parsed again', 'direct', 1),
        replay('replay through kafkajs', 'kafkajs', PLAYBACKS),
        peer('ProducerPerformance', READINGS.producerPerformance, (target) =>
          runProducerPerformance(tools.java, kafkaJars, target),
        ),
        peer('seed producer (Python)', READINGS.seed, (target) => runSeedProducer(python, target)),
      ],
      close: () => kafka.stop(),
    };
  },
};
