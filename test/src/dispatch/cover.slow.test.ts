import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { mipSolver } from '../../../bench/dispatch/mip-cover.ts';
import { bruteForce, problemOf } from '../../../bench/dispatch/pools.ts';
import { cover } from '../../../src/dispatch/cover.ts';
import { promiseOf } from '../../../src/dispatch/pool.ts';
import { orderOf } from '../../../src/dispatch/score-order.ts';

const share = fc.double({ min: 0.01, max: 0.9, noNaN: true });
const seed = fc.integer({ min: 1, max: 1_000_000 });

describe('a cover', () => {
  test('of few candidates costs what the cheapest of all subsets costs, or promises what the best of them does', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 9 }), share, (from, size, asked) => {
        const problem = problemOf(from, size, asked);
        const found = cover(problem.pool, problem.goal, problem.room());
        const best = bruteForce(problem);
        expect(found.isEnough).toBe(best.cost < Infinity);
        if (found.isEnough) {
          expect(found.cost).toBeCloseTo(best.cost, 9);
        } else {
          expect(promiseOf(problem.goal, found.expectedW, found.variance)).toBeCloseTo(best.promisedW, 6);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('of 16 candidates equals brute force', () => {
    const problem = problemOf(16, 16, 0.3);
    expect(cover(problem.pool, problem.goal, problem.room()).cost).toBeCloseTo(bruteForce(problem).cost, 9);
  });

  // bench/dispatch has the complete comparison, up to 3,000 candidates.
  test('of a hundred candidates is within 2 % of the optimum that HiGHS finds', async () => {
    const optimum = await mipSolver();
    for (const [from, asked] of [
      [100_101, 0.1],
      [100_102, 0.3],
    ] as const) {
      const problem = problemOf(from, 100, asked);
      const found = cover(problem.pool, problem.goal, problem.room());
      expect(found.isEnough).toBe(true);
      const best = optimum(problem, found.variance);
      expect(best).toBeDefined();
      expect(found.cost).toBeLessThanOrEqual(1.02 * (best?.cost ?? 0));
    }
  }, 60_000);

  test('leaves the room as it was and stays within it', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 17, max: 120 }), share, (from, size, asked) => {
        const { pool, goal, room, limits } = problemOf(from, size, asked);
        const one = room();
        const { chosen } = cover(pool, goal, one);
        const sum = (of: Float64Array, at: readonly number[]): number =>
          at.reduce((total, i) => total + (of[i] ?? 0), 0);
        expect(sum(pool.switched, chosen)).toBeLessThanOrEqual(limits.eventW + 0.01);
        expect(sum(pool.rebound, chosen)).toBeLessThanOrEqual(limits.reboundW + 0.01);
        for (const [house, watts] of limits.houseW.entries()) {
          const here = chosen.filter((at) => pool.house[at] === house);
          expect(here.length).toBeLessThanOrEqual(limits.houseCount);
          expect(sum(pool.switched, here)).toBeLessThanOrEqual(watts + 0.01);
          expect(one.houseCount(house)).toBe(limits.houseCount);
        }
        expect(one.eventW).toBeCloseTo(limits.eventW, 3);
      }),
      { numRuns: 12 },
    );
  });
});

describe('the order of scores', () => {
  test('is ascending, and by position where they are equal', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: 0, noNaN: true }).map(Math.abs), { maxLength: 50 }), (values) => {
        const scores = Float32Array.from(values);
        const expected = [...scores.keys()].sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b);
        const infinite = (at: number): number => scores[at] ?? 0;
        expect([...orderOf(scores)].map(infinite)).toEqual(expected.map(infinite));
        expect([...orderOf(scores)].filter((at) => scores[at] !== Infinity)).toEqual(
          expected.filter((at) => scores[at] !== Infinity),
        );
      }),
    );
  });
});
