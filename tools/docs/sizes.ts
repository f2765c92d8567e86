/** Sizes of some loads as Markdown. */
import type { Costs } from '../../lib/capacity/costs.ts';
import { SEED_HZ } from '../../lib/capacity/declared-load.ts';
import { type Load, SIZED_PARTS } from '../../lib/capacity/needs.ts';
import { DEFAULT_SPEED } from '../../src/core/clock/grid-clock.ts';
import { size } from '../size/size.ts';
import type { Marks } from './marked.ts';

/** Their place in docs/operate/sizing.md. */
export const SIZES_MARKS: Marks = { begin: '<!-- sizes: npm run docs -->', end: '<!-- end of sizes -->' };

const METERS_HZ = 1;

const LOADS: readonly (readonly [title: string, load: Load])[] = [
  ...[10_000, 100_000, 1_000_000].map(
    (appliances) => ["the seed's readings", { appliances, hz: SEED_HZ, speed: DEFAULT_SPEED }] as const,
  ),
  ...[10_000, 100_000, 1_000_000].map(
    (appliances) => [`real meters, ${METERS_HZ} Hz`, { appliances, hz: METERS_HZ, speed: 1 }] as const,
  ),
];

export function sizesOf(costs: Costs): string {
  const rows = LOADS.map(([title, load]) => {
    const { rate, needs, limits, beyond, monthlyUsd } = size(load, costs);
    const first = limits[0];
    const limit =
      beyond.length > 0
        ? beyond.join('; ')
        : `${first?.resource ?? ''} of ${first?.part ?? ''}, at ${figure(first?.factor ?? NaN)} times the load`;
    return [
      title,
      figure(load.appliances),
      figure(rate),
      ...SIZED_PARTS.map((part) => figure(needs[part].cores)),
      figure(needs.kafka.diskGib),
      figure(needs.druid.diskGib),
      figure(monthlyUsd),
      limit,
    ];
  });
  const header = [
    'load',
    'appliances',
    'readings/s',
    ...SIZED_PARTS.map((part) => `cores at work: ${part}`),
    'Kafka disk, GiB',
    'Druid disk, GiB',
    'USD a month',
    'first bottleneck',
  ];
  const lines = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `By costs measured on ${costs.date} (${costs.machine}):\n\n${lines.join('\n')}`;
}

function figure(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}
