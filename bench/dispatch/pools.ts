/** Made-up pools to choose from, like those of real feeders: a few kinds of appliance, several in a house. */
import { randomFrom } from '../../src/core/random.ts';
import { emptyPool, type Goal, type Pool, Room } from '../../src/dispatch/pool.ts';

/** Expected relief over 15 minutes and its standard deviation, W, rebound per watt, and a class's weight. */
const KINDS = [
  { expectedW: 105, sdW: 60, rebound: 1.3, weight: 1 },
  { expectedW: 25, sdW: 45, rebound: 1.3, weight: 1 },
  { expectedW: 900, sdW: 650, rebound: 1, weight: 1 },
  { expectedW: 1_300, sdW: 500, rebound: 1, weight: 1 },
  { expectedW: 95, sdW: 35, rebound: 0, weight: 3 },
  { expectedW: 22, sdW: 6, rebound: 0, weight: 3 },
  { expectedW: 300, sdW: 320, rebound: 0, weight: 3 },
] as const;

const APPLIANCES_PER_HOUSE = 5;

/** As the policy's defaults. */
const MARGINS = { z: 1.2816, commonMargin: 0.05 };

export interface Problem {
  readonly pool: Pool;
  readonly goal: Goal;
  /** A fresh one each time, as choosing changes it. */
  readonly room: () => Room;
  /** For oracles, which must not use the code under test. */
  readonly limits: {
    readonly eventW: number;
    readonly reboundW: number;
    readonly houseCount: number;
    readonly houseW: readonly number[];
  };
}

/**
 * @param seed the same problem again for the same seed and size.
 * @param share of what all candidates would promise that is asked for; more than the caps allow makes it short.
 */
export function problemOf(seed: number, candidates: number, share: number): Problem {
  const random = randomFrom(seed);
  const houses = Math.max(1, Math.ceil(candidates / APPLIANCES_PER_HOUSE));
  const pool = emptyPool(candidates);
  const housePowerW = Array.from({ length: houses }, () => 60 + 400 * random());
  for (let at = 0; at < candidates; at += 1) {
    const kind = KINDS[Math.floor(random() ** 1.5 * KINDS.length)] ?? KINDS[0];
    const scale = 0.6 + 0.8 * random();
    const house = Math.floor(random() * houses);
    const expected = kind.expectedW * scale;
    pool.index[at] = at;
    pool.house[at] = house;
    pool.expected[at] = expected;
    pool.variance[at] = (kind.sdW * scale * (0.7 + 0.6 * random())) ** 2;
    // Minutes that it and its house have been off this week, as the ledger has them.
    const used = random() < 0.5 ? 0 : 60 * random();
    pool.cost[at] = kind.weight * (1 + used / 15) * (1 + (2 * used * random()) / 60) + 0.5 * Math.sign(kind.rebound);
    pool.switched[at] = expected * (1 + 0.5 * random());
    pool.rebound[at] = kind.rebound * expected;
    housePowerW[house] = (housePowerW[house] ?? 0) + expected;
  }
  const loadW = housePowerW.reduce((sum, watts) => sum + watts, 0);
  const limits = {
    eventW: 0.2 * loadW,
    reboundW: (0.05 + 0.3 * random()) * loadW,
    houseCount: 2,
    houseW: housePowerW.map((watts) => 0.5 * watts),
  };
  const room = (): Room =>
    new Room({
      eventW: limits.eventW,
      minuteW: Infinity,
      reboundW: limits.reboundW,
      houseCount: new Int16Array(houses).fill(limits.houseCount),
      houseW: Float64Array.from(limits.houseW),
    });
  return { pool, goal: { ...MARGINS, targetW: share * limits.eventW, expectedW: 0, variance: 0 }, room, limits };
}

/** By the definition: 2 to the power of the candidates. */
export function bruteForce({ pool, goal, limits }: Problem): { cost: number; promisedW: number } {
  let best = { cost: Infinity, promisedW: 0 };
  for (let set = 0; set < 2 ** pool.length; set += 1) {
    const chosen = [...pool.index].filter((at) => (set >> at) % 2 === 1);
    const sum = (of: Float64Array): number => chosen.reduce((total, at) => total + (of[at] ?? 0), 0);
    const isWithin =
      sum(pool.switched) <= limits.eventW &&
      sum(pool.rebound) <= limits.reboundW &&
      limits.houseW.every((watts, house) => {
        const here = chosen.filter((at) => pool.house[at] === house);
        return (
          here.length <= limits.houseCount && here.reduce((total, at) => total + (pool.switched[at] ?? 0), 0) <= watts
        );
      });
    if (!isWithin) {
      continue;
    }
    const promisedW = (1 - goal.commonMargin) * sum(pool.expected) - goal.z * Math.sqrt(sum(pool.variance));
    const cost = promisedW >= goal.targetW ? sum(pool.cost) : Infinity;
    if (cost < best.cost || (best.cost === Infinity && promisedW > best.promisedW)) {
      best = { cost, promisedW };
    }
  }
  return best;
}
