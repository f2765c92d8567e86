/** Results as a table for the terminal. */
import { rounded } from './measure.ts';
import type { CaseResult } from './results.ts';

/** A row per contender: its rate, our rate divided by it, its CPU time, and what else was measured of it. */
export function tableOf(result: CaseResult): Record<string, string>[] {
  const rates: [key: string, name: string, rate: number][] = [
    ['ours', result.contender, result.ours],
    ...Object.entries(result.peers).map(([name, rate]): [string, string, number] => [name, name, rate]),
  ];
  return rates.map(([key, name, rate]) => {
    const [lowest, highest] = result.spread[key] ?? [rate, rate];
    const cpu = result.cpu_s_per_million[key];
    return {
      contender: name,
      [result.unit]: `${grouped(rate)} (${grouped(lowest)} to ${grouped(highest)})`,
      'ours / this': key === 'ours' ? '' : String(rounded(result.ours / rate)),
      'CPU-s per million': cpu ? [cpu.client, cpu.engine].filter((one) => one !== undefined).join(' + ') : '',
      also: Object.entries(result.more[key] ?? {})
        .map(([figure, value]) => `${figure} ${grouped(value)}`)
        .join(', '),
    };
  });
}

function grouped(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}
