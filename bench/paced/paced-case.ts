/** A million appliances that read once a second, from one process into one broker: at what cost, and how late. */
import { PARTITIONS, startKafka } from '../engines/kafka.ts';
import type { BenchCase, Run } from '../harness/bench-case.ts';
import { runProducerPerformance } from '../replay/peers.ts';
import { TRANSIENT_TOPIC } from '../replay/transient-topic.ts';
import { type WatchedReplay, watchReplay } from '../replay/watch-replay.ts';

const TOPIC = 'paced';
const APPLIANCES = 1_000_000;
const DEFAULT_MS = 30_000;

/** The sample data's measuring points: a playback's appliances. */
const APPLIANCES_PER_PLAYBACK = 36;

/** The sample data hold 1,332,033 readings of 36 points in a day; this much faster a point is read once a second. */
const SPEED = 2.335;

export const pacedCase: BenchCase = {
  name: 'paced',
  title: `1,000,000 appliances read once a second each, live, into one broker (acks=all, ${PARTITIONS} partitions) on the same machine`,
  unit: 'readings/s',
  async open(bench) {
    const kafka = await startKafka(bench);
    await kafka.createTopics([TOPIC], PARTITIONS, TRANSIENT_TOPIC);
    const cpuSeconds = (): Promise<number> => kafka.cpuSeconds();
    const playbacks = Math.ceil((APPLIANCES * bench.scale) / APPLIANCES_PER_PLAYBACK);
    const forMs = bench.forMs ?? DEFAULT_MS;
    const args = (to: number, ms: number): string[] => [
      ...['--brokers', kafka.brokers, '--topic', TOPIC, '--sink', 'direct'],
      ...['--from', '0', '--to', String(to), '--speed', String(SPEED), '--for', `${ms / 1_000}s`],
    ];
    // What a process takes that replays a single playback: the rest is what appliances cost.
    const small = await watchReplay('live', args(1, 5_000), cpuSeconds);
    const measured = async (program?: string): Promise<Run> =>
      runOf(await watchReplay('live', args(playbacks, forMs), cpuSeconds, program), small.peakBytes);
    return {
      ours: { name: 'replay', run: () => measured() },
      peers: [
        {
          name: 'ProducerPerformance, as many a second',
          run: async () => {
            const perSecond = playbacks * APPLIANCES_PER_PLAYBACK;
            const before = await kafka.cpuSeconds();
            const readings = Math.ceil((perSecond * forMs) / 1_000);
            const target = { brokers: kafka.brokers, topic: TOPIC, readings };
            const { tools, kafkaJars } = bench.homes;
            const rate = await runProducerPerformance(tools.java, kafkaJars, target, perSecond);
            const engine = (await kafka.cpuSeconds()) - before;
            return { rate: rate.perSecond, count: readings, cpuSeconds: { client: rate.cpuSeconds, engine } };
          },
        },
        {
          name: 'replay that drops its readings (diagnostic)',
          run: () => measured('bench/paced/without-broker.main.ts'),
        },
      ],
      close: () => kafka.stop(),
    };
  },
};

function runOf({ started, stopped, seconds, readings, cpuSeconds, peakBytes }: WatchedReplay, smallBytes: number): Run {
  const { lateness_ms: lateness, unacknowledged_ms: unacknowledged } = stopped;
  return {
    rate: readings / seconds,
    count: readings,
    cpuSeconds,
    more: {
      cores: cpuSeconds.client / seconds,
      p50_ms: lateness.p50,
      p99_ms: lateness.p99,
      max_ms: lateness.max,
      unacknowledged_p99_ms: unacknowledged.p99,
      late_readings: stopped.late,
      failed_readings: stopped.failed,
      appliances: started.appliances,
      rss_mb: peakBytes / 1e6,
      bytes_per_appliance: Math.max(0, peakBytes - smallBytes) / started.appliances,
    },
  };
}
