/**
 * How much dearer plans are than the optimum, which HiGHS finds as a mixed-integer program with the same caps.
 *
 *   npx tsx bench/dispatch/optimum.main.ts [SIZES] [SEEDS]     default: 100,300,1000,3000 candidates, 5 problems each per target
 *
 * Targets are shares of what the caps let an event switch off. At most about 0.7 of that can be promised at 90 %: 0.5 is
 * close to the limit of many of these pools, where every watt of a cap counts.
 */
import { cover } from '../../src/dispatch/cover.ts';
import { mipSolver } from './mip-cover.ts';
import { problemOf } from './pools.ts';

const [sizes = '100,300,1000,3000', seeds = '5'] = process.argv.slice(2);
const SHARES = [0.03, 0.1, 0.2, 0.3, 0.5];

const optimum = await mipSolver();
const gapsByShare = new Map<number, number[]>();
for (const size of sizes.split(',').map(Number)) {
  for (const share of SHARES) {
    const gaps: number[] = [];
    for (let seed = 1; seed <= Number(seeds); seed += 1) {
      const problem = problemOf(1_000 * size + seed, size, share);
      const found = cover(problem.pool, problem.goal, problem.room());
      const best = found.isEnough ? optimum(problem, found.variance) : undefined;
      if (best) {
        gaps.push(100 * (found.cost / best.cost - 1));
      }
    }
    gapsByShare.set(share, [...(gapsByShare.get(share) ?? []), ...gaps]);
    process.stdout.write(`${size} candidates, target ${share}: ${summary(gaps)}\n`);
  }
}
for (const [share, gaps] of gapsByShare) {
  process.stdout.write(`target ${share}: ${summary(gaps)}\n`);
}

function summary(gaps: readonly number[]): string {
  if (gaps.length === 0) {
    return 'nothing to compare';
  }
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return `${gaps.length} problems, above the optimum by ${mean.toFixed(3)} % on average, ${Math.max(...gaps).toFixed(3)} % at worst`;
}
