/**
 * How long a plan for a million appliances takes on one core, and in how much memory.
 *
 *   npx tsx bench/dispatch/million.main.ts [PLANS] [APPLIANCES] [SHARE]     default: 100 plans, 1,000,000, 0.01 of the load
 *
 * With `node --expose-gc --import tsx ...`, garbage of the plan before is collected first, outside of the time.
 * Prints the time by the clock and the CPU time of each plan: on a busy machine the clock counts what others do.
 */
import { randomFrom } from '../../src/core/random.ts';
import { emptyFleet, FLAG, kindOf } from '../../src/dispatch/fleet.ts';
import { plan } from '../../src/dispatch/planner.ts';
import { policyOf } from '../../src/dispatch/policy.ts';
import { StateTable } from '../../src/dispatch/state-table.ts';
import { CELLS } from '../../src/dispatch/states.ts';
import { BEHAVIOURS, learn } from './fleets.ts';

const [plans = '100', appliances = '1000000', share = '0.01'] = process.argv.slice(2);
const size = Number(appliances);
const APPLIANCES_PER_HOUSE = 10;

const before = process.memoryUsage();
const table = new StateTable(learn(1, 300, 1_500));
const rows = BEHAVIOURS.map(({ name }) => table.rowOf('', name) ?? 0);
const random = randomFrom(1);
const started = process.memoryUsage();
const fleet = emptyFleet(size, Math.ceil(size / APPLIANCES_PER_HOUSE), {
  kinds: BEHAVIOURS.map(({ name }) => kindOf(name)),
  idOf: (index) => `1_${Math.floor(index / APPLIANCES_PER_HOUSE)}_1_${index % APPLIANCES_PER_HOUSE}`,
  houseIdOf: (house) => `1_${house}_1`,
});
fleet.houses.powerW.fill(100);
for (let index = 0; index < size; index += 1) {
  const kind = Math.floor(random() * BEHAVIOURS.length);
  const cell = Math.floor(random() * CELLS);
  const house = Math.floor(index / APPLIANCES_PER_HOUSE);
  const isOn = cell >= CELLS / 2;
  const watts = isOn ? (BEHAVIOURS[kind]?.onW ?? 0) * (0.7 + 0.6 * random()) : 1;
  fleet.kind[index] = kind;
  fleet.row[index] = rows[kind] ?? 0;
  fleet.cell[index] = cell;
  fleet.house[index] = house;
  fleet.flags[index] = (random() < 0.02 ? FLAG.optedOut : 0) | FLAG.commandable | (isOn ? FLAG.isOn : 0);
  fleet.powerW[index] = watts;
  fleet.inStateMin[index] = 20;
  fleet.coverage[index] = random() < 0.02 ? 10 : 100;
  fleet.usedWeekMin[index] = random() < 0.7 ? 0 : Math.floor(90 * random());
  if (random() < 0.1) {
    fleet.sinceReleaseMin[index] = Math.floor(3_000 * random());
  }
  fleet.houses.powerW[house] = (fleet.houses.powerW[house] ?? 0) + watts;
}
const loadW = fleet.houses.powerW.reduce((sum, watts) => sum + watts, 0);
const filled = process.memoryUsage();

const policy = policyOf();
const clockMs: number[] = [];
const cpuMs: number[] = [];
let peakBytes = 0;
let calls = 0;
for (let run = 0; run < Number(plans); run += 1) {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const made = plan({
    request: { eventId: `event ${run}`, feeder: 'F1', targetW: Number(share) * loadW, minutes: 15 },
    feeder: { name: 'F1', loadW, limitW: 1.3 * loadW },
    fleet,
    table,
    policy,
  });
  clockMs.push(performance.now() - start);
  const { user, system } = process.cpuUsage(cpu);
  cpuMs.push((user + system) / 1_000);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  peakBytes = Math.max(peakBytes, heapUsed + arrayBuffers);
  calls = made.calls.length;
  if (made.shortW > 0) {
    throw new Error(`short by ${made.shortW} W`);
  }
}

const at = (values: readonly number[], quantile: number): string => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? NaN).toFixed(1);
};
const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);
const line = (name: string, values: readonly number[]): string =>
  `${name}: p50 ${at(values, 0.5)}, p99 ${at(values, 0.99)}, least ${at(values, 0)}, most ${at(values, 1)} ms`;
process.stdout.write(
  [
    `${plans} plans for ${size} appliances, ${calls} called`,
    line('clock', clockMs),
    line('CPU', cpuMs),
    `columns ${mb(filled.arrayBuffers - started.arrayBuffers)} MB, at most ${mb(peakBytes - before.heapUsed - before.arrayBuffers)} MB in all`,
    '',
  ].join('\n'),
);
