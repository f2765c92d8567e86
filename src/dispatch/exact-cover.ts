/** The cheapest cover of a small pool, by trying what can be cheaper than the best so far. */
import { type Cover, coverOf, type Goal, type Pool, promiseOf, type Room } from './pool.ts';

/** 2 to this power are some milliseconds. */
export const EXACT_UP_TO = 16;

/**
 * The cheapest cover within the caps; without one the cover that promises most, the cheapest of equals. `room` is left as
 * it was. Time doubles with every candidate: for at most {@link EXACT_UP_TO}.
 */
export function exactCover(pool: Pool, goal: Goal, room: Room): Cover {
  const chosen: number[] = [];
  let best = coverOf(pool, goal, chosen);
  let promised = promiseOf(goal, best.expectedW, best.variance);

  // What all candidates from a position on would add to the expectation: no promise beyond that.
  const ahead = new Float64Array(pool.length + 1);
  for (let at = pool.length - 1; at >= 0; at -= 1) {
    ahead[at] = (ahead[at + 1] ?? 0) + (pool.expected[at] ?? 0);
  }

  const search = (from: number, cost: number, expectedW: number, variance: number): void => {
    const promise = promiseOf(goal, expectedW, variance);
    const isBetter = best.isEnough
      ? promise >= goal.targetW && cost < best.cost
      : promise > promised || (promise === promised && cost < best.cost);
    if (isBetter) {
      [best, promised] = [coverOf(pool, goal, [...chosen]), promise];
    }
    // What is enough gets no cheaper by more.
    if (promise >= goal.targetW) {
      return;
    }
    for (let at = from; at < pool.length; at += 1) {
      // Variance only grows: without it the bound holds for whatever is added from here on.
      const bound = promiseOf(goal, expectedW + (ahead[at] ?? 0), variance);
      if (bound < (best.isEnough ? goal.targetW : promised)) {
        return;
      }
      const total = cost + (pool.cost[at] ?? 0);
      if ((best.isEnough && total >= best.cost) || room.block(pool, at) !== undefined) {
        continue;
      }
      room.take(pool, at);
      chosen.push(at);
      search(at + 1, total, expectedW + (pool.expected[at] ?? 0), variance + (pool.variance[at] ?? 0));
      chosen.pop();
      room.giveBack(pool, at);
    }
  };

  search(0, 0, goal.expectedW, goal.variance);
  return best;
}
