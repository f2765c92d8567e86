/** What the dispatcher tells a house: the complete state of one event there. */
import { z } from 'zod';

import { canonicalJson } from '../canonical.ts';
import { parseJson } from '../parse-json.ts';
import { applianceIdSchema, durationSchema, eventIdSchema, houseIdSchema, instantSchema } from './ids.ts';
import { SIGNED_TYPES, type SigningKey, signMessage } from './signature.ts';

const commandCallSchema = z
  .strictObject({
    appliance: applianceIdSchema,
    /** Off from here on, plus start jitter, wall-clock ms. */
    not_before: instantSchema,
    /** On again from here on, plus release jitter, by the house's own timer, wall-clock ms. */
    until: instantSchema,
  })
  .refine(({ not_before, until }) => until > not_before, { path: ['until'], error: 'must be after not_before' });

/**
 * One command for a house. It replaces what an earlier command said about the same event: appliances that are not listed
 * are released, and an empty list releases all.
 */
export const commandSchema = z
  .strictObject({
    version: z.literal(1),
    house: houseIdSchema,
    event: eventIdSchema,
    /** Per house, over all events, each greater than the last. With the house it identifies the command. */
    seq: z.int().positive(),
    /** When it was made, by the dispatcher's clock, wall-clock ms. */
    issued: instantSchema,
    /** Of all calls: the earliest start and the latest end, wall-clock ms. */
    not_before: instantSchema,
    until: instantSchema,
    start_jitter_ms: durationSchema,
    release_jitter_ms: durationSchema,
    /** For the people in the house. */
    reason: z.string().max(200),
    calls: z.array(commandCallSchema).max(64),
  })
  .refine(({ not_before, until }) => until >= not_before, { path: ['until'], error: 'must not be before not_before' })
  .refine(({ calls }) => new Set(calls.map(({ appliance }) => appliance)).size === calls.length, {
    path: ['calls'],
    error: 'must not name an appliance twice',
  })
  .refine(
    ({ calls, not_before, until }) =>
      calls.every((call) => call.not_before >= not_before && call.until <= until && call.until > not_before),
    { path: ['calls'], error: 'must be within not_before and until' },
  );

export type Command = Readonly<z.infer<typeof commandSchema>>;
export type CommandCall = Readonly<z.infer<typeof commandCallSchema>>;

/** To all houses: release everything that was commanded before. */
export const stopSchema = z.strictObject({
  version: z.literal(1),
  /** Greater than of every stop before. */
  seq: z.int().positive(),
  issued: instantSchema,
  release_jitter_ms: durationSchema,
  reason: z.string().max(200),
});

export type Stop = Readonly<z.infer<typeof stopSchema>>;

/** The signed bytes of a command; the same for the same command and key. @throws ZodError when it is none. */
export function signCommand(command: Command, key: SigningKey): string {
  return signMessage(SIGNED_TYPES.command, canonicalJson(commandSchema.parse(command)), key);
}

/** @throws ZodError when it is no stop. */
export function signStop(stop: Stop, key: SigningKey): string {
  return signMessage(SIGNED_TYPES.stop, canonicalJson(stopSchema.parse(stop)), key);
}

/** A command from the payload of a signed message; undefined for anything else. */
export function parseCommand(payload: string): Command | undefined {
  return commandSchema.safeParse(parseJson(payload)).data;
}

export function parseStop(payload: string): Stop | undefined {
  return stopSchema.safeParse(parseJson(payload)).data;
}
