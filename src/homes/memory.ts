/** What a gateway knows: what survives a restart, and what does not. */
import { z } from 'zod';

import { applianceIdSchema, eventIdSchema, instantSchema } from '../core/shed/ids.ts';
import { answerSchema, optOutsSchema } from '../core/shed/reports.ts';

/** Kept over a restart: without it an old command could be sent again, and an appliance called again at once. */
export const gatewayMemorySchema = z.strictObject({
  /** The number of the last command that was obeyed, its SHA-256, and what was answered. */
  lastSeq: z.int().nonnegative(),
  lastDigest: z.string(),
  lastAnswer: answerSchema.nullable(),
  /** The number of the last stop, and before when commands are void, wall-clock ms. */
  lastStop: z.int().nonnegative(),
  stoppedMs: z.number(),
  optOuts: optOutsSchema.shape.optouts.readonly(),
  /** Since when appliances are on again, by id, wall-clock ms. */
  onSince: z.record(applianceIdSchema, instantSchema),
  /** Released since the last hourly message. */
  released: z.record(applianceIdSchema, z.strictObject({ event: eventIdSchema, since: instantSchema })),
});
export type GatewayMemory = Readonly<z.infer<typeof gatewayMemorySchema>>;

export const emptyMemory = (): GatewayMemory => ({
  lastSeq: 0,
  lastDigest: '',
  lastAnswer: null,
  lastStop: 0,
  stoppedMs: 0,
  optOuts: [],
  onSince: {},
  released: {},
});

/** One appliance that an event has off, or will. After a power loss there is none: appliances start normal. */
export interface Hold {
  readonly appliance: string;
  readonly event: string;
  /** When it goes off, or did, wall-clock ms. */
  readonly offMs: number;
  /** When it is on again, release jitter included. */
  readonly onMs: number;
  readonly isOff: boolean;
  /** When the simulated house has enough of it. */
  readonly optOutMs?: number;
}
