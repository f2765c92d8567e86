/** The same covering as mixed-integer programs, solved by HiGHS: what src/dispatch/cover.ts is measured against. */
import highsModule from 'highs';

import type { Problem } from './pools.ts';

export interface Optimum {
  readonly cost: number;
  readonly chosen: readonly number[];
}

/** The tangents that are tried around a variance: the optimum lies on one that touches at its own variance. */
const TANGENTS = [0.5, 1, 2];

export async function mipSolver(): Promise<(problem: Problem, nearVariance: number) => Optimum | undefined> {
  // Its types describe CommonJS, where the loader is a field of the default export; Node loads its ES module.
  const highs = await ('default' in highsModule ? highsModule.default : highsModule)();
  const solve = (problem: Problem, variance: number): Optimum | undefined => {
    const result = highs.solve(programOf(problem, variance), {
      output_flag: false,
      mip_rel_gap: 1e-4,
      time_limit: 20,
      threads: 1,
    });
    if (result.Status !== 'Optimal') {
      return undefined;
    }
    const chosen = [...problem.pool.index].filter((at) => (result.Columns[`x${at}`]?.Primal ?? 0) > 0.5);
    return { cost: chosen.reduce((sum, at) => sum + (problem.pool.cost[at] ?? 0), 0), chosen };
  };
  /**
   * A set of candidates promises enough exactly when it does so on the tangent of the square root at its own variance, so
   * the cheapest over all tangents is the optimum. Some tangents are tried, then those at the variances that are found.
   */
  return (problem, nearVariance) => {
    let best: Optimum | undefined;
    const consider = (found: Optimum | undefined): void => {
      if (found && found.cost < (best?.cost ?? Infinity) - 1e-9) {
        best = found;
        const { variance } = problem.pool;
        consider(
          solve(
            problem,
            found.chosen.reduce((sum, at) => sum + (variance[at] ?? 0), 0),
          ),
        );
      }
    };
    for (const factor of TANGENTS) {
      consider(solve(problem, factor * nearVariance));
    }
    return best;
  };
}

/** With the promise's square root replaced by its tangent at a variance; CPLEX LP format. */
function programOf({ pool, goal, limits }: Problem, variance: number): string {
  const slope = goal.z / (2 * Math.sqrt(variance));
  const all = [...pool.index];
  const sum = (valueOf: (at: number) => number, of = all): string =>
    of.map((at) => `${valueOf(at) < 0 ? '-' : '+'} ${Math.abs(valueOf(at))} x${at}`).join('\n ');
  const column = (values: Float64Array) => (at: number) => values[at] ?? 0;
  const weight = (at: number): number =>
    (1 - goal.commonMargin) * (pool.expected[at] ?? 0) - slope * (pool.variance[at] ?? 0);
  const rows = [
    `${sum(weight)} >= ${goal.targetW + (goal.z * Math.sqrt(variance)) / 2}`,
    `${sum(column(pool.switched))} <= ${limits.eventW}`,
    `${sum(column(pool.rebound))} <= ${limits.reboundW}`,
    ...limits.houseW.flatMap((watts, house) => {
      const here = all.filter((at) => pool.house[at] === house);
      if (here.length === 0) {
        return [];
      }
      return [`${sum(() => 1, here)} <= ${limits.houseCount}`, `${sum(column(pool.switched), here)} <= ${watts}`];
    }),
  ];
  return `Minimize\n cost: ${sum(column(pool.cost))}\nSubject To\n${rows
    .map((row, index) => ` r${index}: ${row}`)
    .join('\n')}\nBinary\n ${all.map((at) => `x${at}`).join('\n ')}\nEnd\n`;
}
