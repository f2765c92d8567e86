import { PARTITIONS, startKafka } from '../engines/kafka.ts';
import type { BenchCase, Run } from '../frame/bench-case.ts';
import type { TimedRate } from './peers.ts';
import { runProducerPerformance, runReplay, runSeedProducer, type PeerTarget } from './peers.ts';

const TOPIC = 'bench';
const READINGS = 500_000;

/** Readings into a real broker, on one topic that every run adds to. */
export const replayCase: BenchCase = {
  name: 'replay',
  title: `readings acknowledged by one broker (acks=all, ${PARTITIONS} partitions), unpaced, client and broker on one machine`,
  unit: 'readings/s',
  async open(bench) {
    const python = await bench.peersPython();
    const kafka = await startKafka(bench);
    await kafka.createTopics([TOPIC]);
    const readings = Math.ceil(READINGS * bench.scale);
    const target: PeerTarget = { brokers: kafka.brokers, topic: TOPIC, readings };
    const { tools, kafkaJars } = bench.homes;
    const measured = async (send: () => Promise<TimedRate>): Promise<Run> => {
      const before = await kafka.cpuSeconds();
      const { perSecond, cpuSeconds } = await send();
      const engine = (await kafka.cpuSeconds()) - before;
      return { rate: perSecond, count: readings, cpuSeconds: { client: cpuSeconds, engine } };
    };
    return {
      ours: { name: 'replay (kafkajs)', run: () => measured(() => runReplay(target)) },
      peers: [
        {
          name: 'ProducerPerformance',
          run: () => measured(() => runProducerPerformance(tools.java, kafkaJars, target)),
        },
        { name: 'seed producer (Python)', run: () => measured(() => runSeedProducer(python, target)) },
      ],
      close: () => kafka.stop(),
    };
  },
};
