/** Feeders: named, limited pieces of the grid, and which houses hang on each. They are data, `feeders.json` by default. */
import { z } from 'zod';

import { type HousePattern, matchesHouse, overlap, parseHousePattern } from './house-pattern.ts';

const feedersFile = z.strictObject({
  feeders: z
    .array(
      z.strictObject({
        /** Part of topics and dimensions: letters, digits, `.` and `-`. */
        name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/, 'must be letters, digits, . and -, at most 64'),
        /** The most that it may carry, kW. */
        limit_kw: z.number().positive(),
        /** Patterns of house ids: house-pattern.ts. */
        houses: z.array(z.string()).min(1),
      }),
    )
    .min(1),
});

export interface Feeder {
  readonly name: string;
  /** The most that it may carry, W. */
  readonly limitW: number;
  readonly houses: readonly HousePattern[];
}

/** A file of feeders that can't be used; the message is one line that says what to change. */
export class FeedersError extends Error {
  override readonly name = 'FeedersError';
}

/**
 * @param content of a feeders file, parsed JSON.
 * @throws FeedersError when it has another shape, a name stands twice, or a house could be on two feeders.
 */
export function parseFeeders(content: unknown): readonly Feeder[] {
  const parsed = feedersFile.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FeedersError(`feeders: ${issue ? `${issue.path.join('.')}: ${issue.message}` : 'no feeders'}`);
  }
  const feeders = parsed.data.feeders.map(({ name, limit_kw, houses }) => ({
    name,
    limitW: limit_kw * 1_000,
    houses: houses.map((text) => patternOf(name, text)),
  }));
  for (const [index, feeder] of feeders.entries()) {
    for (const other of feeders.slice(index + 1)) {
      refuseOverlap(feeder, other);
    }
  }
  return feeders;
}

function patternOf(feeder: string, text: string): HousePattern {
  try {
    return parseHousePattern(text);
  } catch (error) {
    throw new FeedersError(`feeder ${feeder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refuseOverlap(a: Feeder, b: Feeder): void {
  if (a.name === b.name) {
    throw new FeedersError(`feeder ${a.name} stands twice: give each feeder a name of its own`);
  }
  for (const one of a.houses) {
    const other = b.houses.find((pattern) => overlap(one, pattern));
    if (other) {
      throw new FeedersError(
        `feeder ${a.name} (${one.text}) and feeder ${b.name} (${other.text}) overlap: a house may be on one feeder only`,
      );
    }
  }
}

/** The feeder of a house; undefined when it is on none. */
export function feederOf(feeders: readonly Feeder[], houseId: string): Feeder | undefined {
  return feeders.find(({ houses }) => houses.some((pattern) => matchesHouse(pattern, houseId)));
}

export interface Assignment {
  /** House ids by the feeder's name, in the given order; a feeder without houses has an empty list. */
  readonly byFeeder: ReadonlyMap<string, readonly string[]>;
  /** Houses on no feeder: no event can call them. */
  readonly onNone: readonly string[];
}

/** Which houses are on which feeder. */
export function assignHouses(feeders: readonly Feeder[], houseIds: Iterable<string>): Assignment {
  const byFeeder = new Map<string, string[]>(feeders.map(({ name }) => [name, []]));
  const onNone: string[] = [];
  for (const id of houseIds) {
    (byFeeder.get(feederOf(feeders, id)?.name ?? '') ?? onNone).push(id);
  }
  return { byFeeder, onNone };
}
