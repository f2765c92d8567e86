/** docs/cost.md: what each preset costs, part by part, beside the seed's own machines. A test holds it to the prices. */
import { loadConfig } from '../../lib/config/load.ts';
import { type PresetName, PRESETS } from '../../lib/config/presets.ts';
import { estimate, ingestedPerSecond, type Item, PRICES, replayedPerSecond, seedEstimate, total } from './estimate.ts';

interface Column {
  readonly title: string;
  readonly items: readonly Item[];
  /** Readings a second: what the machines replay, and what Druid takes of it at most; absent where nobody has said. */
  readonly replayed: number;
  readonly ingested?: number;
}

/** Markdown, complete. */
export function costDocument(): string {
  const presets = Object.keys(PRESETS) as PresetName[];
  const columns: Column[] = [
    { title: "the seed's machines", items: seedEstimate(), replayed: 100_000 },
    ...presets.map((preset) => {
      const config = loadConfig({ preset });
      return {
        title: `\`${preset}\``,
        items: estimate(config),
        replayed: replayedPerSecond(config),
        ingested: ingestedPerSecond(config),
      };
    }),
  ];
  const parts = [...new Set(columns.slice(1).flatMap(({ items }) => items.map(({ part }) => part)))];
  const row = (title: string, cell: (column: Column) => string): string =>
    `| ${[title, ...columns.map(cell)].join(' | ')} |`;
  const usd = (amount: number): string => amount.toFixed(0);
  const all = [...new Set(columns.flatMap(({ items }) => items.map(({ what }) => what)))].sort();
  const unchecked = all.filter((what) => !PRICES.checked.includes(what));

  return `# What the grid costs on AWS

Written by \`npm run --silent cost -- --document > docs/cost.md\`; do not edit. USD a month (730 hours), on demand, ${PRICES.region}, as of
${PRICES.date}. Not in it, since they depend on use: traffic (between zones and through NAT above all), requests, what logs and
custom metrics take in, S3, snapshots, growth of broker disks, and nodes that managed scaling adds.

${row('part', ({ title }) => title)}
|${' --- |'.repeat(columns.length + 1)}
${parts.map((part) => row(part, ({ items }) => usd(total(items.filter((item) => item.part === part))))).join('\n')}
${row('**in all**', ({ items }) => `**${usd(total(items))}**`)}
${row('replayed, readings/s', ({ replayed }) => replayed.toLocaleString('en-US'))}
${row('Druid takes, readings/s', ({ ingested }) => ingested?.toLocaleString('en-US') ?? '')}
${row('per 100,000 readings/s', ({ items, replayed, ingested = replayed }) =>
  usd((total(items) / Math.min(replayed, ingested)) * 100_000),
)}

**Replayed** is what the machines send if the seed's own figure holds (100,000 a second of 80 playbacks of both complete data sets at 24 times
the speed); **Druid takes** 72,000 a second with each task (\`druid.powerrawTasks\`), measured on one core of a small machine. The last line is
reckoned with the lesser. Neither has been measured on AWS; what the machines of \`seed\`, \`district\` and \`city\` are reckoned from is in [scale.md](scale.md).

**The seed's machines** are its own types at today's prices: three brokers, three EMR nodes without EMR's fee, one Druid host, four
producers, one Airflow and one Superset host, one NAT gateway; no disks, database, key, secrets, alarms. EMR takes no m5.large any more and
Airflow 3 needs more than a t2.small, so it is a yardstick and can not be deployed.

## Prices that nobody has checked

Taken from AWS' list as the authors know it, not looked up on ${PRICES.date}; \`npm run cost\` marks them with \`~\`:
${unchecked.map((what) => `\`${what}\``).join(', ')}.
`;
}
