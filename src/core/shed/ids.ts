/** What stands in topics, sequences and reports of demand response. */
import { z } from 'zod';

/** The level of a topic that is for all houses: no house may have this id. */
export const ALL_HOUSES = 'all';

const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** A house id that can be a level of an MQTT topic: no `/`, no wildcard, and not {@link ALL_HOUSES}. */
export const houseIdSchema = z
  .string()
  .regex(ID, 'must be letters, digits, _, . and -, at most 128')
  .refine((id) => id !== ALL_HOUSES, `must not be ${ALL_HOUSES}`);

export const applianceIdSchema = z.string().regex(ID, 'must be letters, digits, _, . and -, at most 128');

export const eventIdSchema = z.string().regex(ID, 'must be letters, digits, _, . and -, at most 128');

/** Wall-clock ms since the epoch, to the year 2255: what a double holds exactly with room for arithmetic. */
export const instantSchema = z.int().nonnegative().max(9_000_000_000_000);

/** A duration on the wall clock, ms, at most a week. */
export const durationSchema = z
  .int()
  .nonnegative()
  .max(7 * 86_400_000);
