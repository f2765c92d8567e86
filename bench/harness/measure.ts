/** Runs a case's contenders in turn and sums up what they gave. */
import type { Bench, BenchCase, Contender, Run } from './bench-case.ts';
import type { CaseResult, CpuPerMillion } from './results.ts';

/**
 * Contenders take turns, so that whatever else the machine does strikes all of them alike; what counts is the median of
 * each over the rounds.
 *
 * @param rounds how often each contender runs, at least 1.
 * @throws what a contender throws; the case is closed all the same.
 */
export async function measure(bench: Bench, benchCase: BenchCase, rounds: number): Promise<CaseResult> {
  const opened = await benchCase.open(bench);
  const { ours, peers } = opened;
  const runs = new Map<Contender, Run[]>([ours, ...peers].map((contender) => [contender, []]));
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const [contender, done] of runs) {
        const run = await unlessStopped(contender.run(), bench.signal);
        done.push(run);
        bench.note(`${benchCase.name}, round ${round}: ${contender.name}: ${rounded(run.rate)} ${benchCase.unit}`);
      }
    }
  } finally {
    await opened.close();
  }
  const of = (contender: Contender): readonly Run[] => runs.get(contender) ?? [];
  const named = [['ours', ours] as const, ...peers.map((peer) => [peer.name, peer] as const)];
  return {
    name: benchCase.name,
    title: benchCase.title,
    unit: benchCase.unit,
    date: new Date().toISOString(),
    rounds,
    contender: ours.name,
    ours: medianRate(of(ours)),
    peers: Object.fromEntries(peers.map((peer) => [peer.name, medianRate(of(peer))])),
    spread: Object.fromEntries(named.map(([name, contender]) => [name, spread(of(contender))])),
    cpu_s_per_million: Object.fromEntries(named.map(([name, contender]) => [name, cpuPerMillion(of(contender))])),
    more: Object.fromEntries(named.map(([name, contender]) => [name, medianOfMore(of(contender))])),
  };
}

/** @throws the signal's reason as soon as it is aborted. */
async function unlessStopped<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) {
      stop();
    }
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The middle value; of an even number of values the lower of the two in the middle, so that it is one that was measured. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) {
    throw new RangeError('nothing was measured');
  }
  return middle;
}

/** To three significant digits, beyond which these measurements don't repeat. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function medianRate(runs: readonly Run[]): number {
  return rounded(median(runs.map(({ rate }) => rate)));
}

/** The lowest and the highest rate. */
function spread(runs: readonly Run[]): [lowest: number, highest: number] {
  const rates = runs.map(({ rate }) => rate);
  return [rounded(Math.min(...rates)), rounded(Math.max(...rates))];
}

function cpuPerMillion(runs: readonly Run[]): CpuPerMillion {
  const perMillion = (seconds: (run: Run) => number): number =>
    rounded(median(runs.map((run) => (seconds(run) / run.count) * 1e6)));
  const hasEngine = runs.every(({ cpuSeconds }) => cpuSeconds.engine !== undefined);
  return {
    client: perMillion(({ cpuSeconds }) => cpuSeconds.client),
    ...(hasEngine && { engine: perMillion(({ cpuSeconds }) => cpuSeconds.engine ?? 0) }),
  };
}

function medianOfMore(runs: readonly Run[]): Record<string, number> {
  const names = new Set(runs.flatMap(({ more }) => Object.keys(more ?? {})));
  const of = (name: string): number => rounded(median(runs.flatMap(({ more }) => more?.[name] ?? [])));
  return Object.fromEntries([...names].map((name) => [name, of(name)]));
}
