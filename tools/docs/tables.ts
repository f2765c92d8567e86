/** Results as Markdown. */
import { rounded } from '../../bench/harness/measure.ts';
import type { CaseResult, Results } from '../../bench/harness/results.ts';
import type { Marks } from './marked.ts';

/** Their place in docs/project/performance.md. */
export const RESULTS_MARKS: Marks = { begin: '<!-- results: npm run docs -->', end: '<!-- end of results -->' };

export function tablesOf({ machine, cases }: Results): string {
  const { cpu, cores, memory_gib, system, node } = machine;
  const about = `Measured on ${cores} cores (${cpu}), ${memory_gib} GiB, ${system}, Node ${node}, with engines and clients on the same cores. CPU is in seconds per million readings: of the program under test + of the engine it works against.`;
  return [about, ...cases.map(tableOf)].join('\n\n');
}

function tableOf(one: CaseResult): string {
  const rates: [key: string, name: string, rate: number][] = [
    ['ours', one.contender, one.ours],
    ...Object.entries(one.peers).map(([name, rate]): [string, string, number] => [name, name, rate]),
  ];
  const rows = rates.map(([key, name, rate]) => {
    const [lowest, highest] = one.spread[key] ?? [rate, rate];
    const cpu = one.cpu_s_per_million[key];
    const also = Object.entries(one.more[key] ?? {}).map(([figure, value]) => `${figure} ${grouped(value)}`);
    return [
      key === 'ours' ? `**${name}**` : name,
      grouped(rate),
      one.rounds > 1 ? `${grouped(lowest)} to ${grouped(highest)}` : '',
      key === 'ours' ? '' : `${grouped(rounded(one.ours / rate))} x`,
      cpu ? [cpu.client, cpu.engine].filter((seconds) => seconds !== undefined).join(' + ') : '',
      also.join(', '),
    ];
  });
  const header = ['', one.unit, 'lowest to highest', 'speed-up of ours', 'CPU-s per million', 'other metrics'];
  const lines = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const runs = one.rounds > 1 ? `median of ${one.rounds} interleaved runs` : 'one run';
  return `### ${one.name}\n\n${one.title} (${one.date.slice(0, 10)}, ${runs}).\n\n${lines.join('\n')}`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}
