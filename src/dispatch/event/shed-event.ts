/** A shed event as plain data: what is kept in Kafka and restored from there. All instants are wall-clock ms. */
import { z } from 'zod';

import { applianceIdSchema, durationSchema, eventIdSchema, houseIdSchema, instantSchema } from '../../core/shed/ids.ts';

/**
 * `proposed` is asked for, `planned` knows whom it would call, `notified` has told the houses, `active` has started,
 * `releasing` is over and waits until everybody is back, and the last three are final.
 */
export const PHASES = [
  'proposed',
  'planned',
  'notified',
  'active',
  'releasing',
  'done',
  'cancelled',
  'failed',
] as const;
export type Phase = (typeof PHASES)[number];

export const FINAL_PHASES = ['done', 'cancelled', 'failed'] as const satisfies readonly Phase[];

export const isFinal = (phase: Phase): phase is (typeof FINAL_PHASES)[number] =>
  (FINAL_PHASES as readonly Phase[]).includes(phase);

/**
 * `planned` is not sent yet, `sent` not answered, `accepted` will go off, `off` is off, `released` was off and is on
 * again. `releasing` was taken back, and the house has not confirmed it. The others are not called (any more): `refused`
 * and `silent` by the house, `opted_out` by its people, `withdrawn` by the dispatcher.
 */
export const CALL_STATUSES = [
  'planned',
  'sent',
  'accepted',
  'off',
  'releasing',
  'released',
  'refused',
  'silent',
  'opted_out',
  'withdrawn',
] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

/** Calls that a command to the house names. */
export const isWanted = (status: CallStatus): boolean =>
  status === 'planned' || status === 'sent' || status === 'accepted' || status === 'off';

/** Calls that may be off, or go off. */
export const isOpen = (status: CallStatus): boolean =>
  status === 'sent' || status === 'accepted' || status === 'off' || status === 'releasing';

const watts = z.number();

/** One appliance that the event calls, and when. */
export const plannedCallSchema = z
  .strictObject({
    applianceId: applianceIdSchema,
    houseId: houseIdSchema,
    /** Off from here on, plus start jitter. */
    notBeforeMs: instantSchema,
    /** On again from here on, plus release jitter. */
    untilMs: instantSchema,
    /** The longest time off, release jitter included, ms. */
    maxOffMs: durationSchema,
    /** Expected relief, W, and its variance, W². */
    expectedW: watts,
    variance: watts,
  })
  .refine(({ notBeforeMs, untilMs }) => untilMs > notBeforeMs, {
    path: ['untilMs'],
    error: 'must be after notBeforeMs',
  });
export type NewCall = Readonly<z.infer<typeof plannedCallSchema>>;

const callSchema = plannedCallSchema.safeExtend({
  status: z.enum(CALL_STATUSES),
  /** When the house says that it went off and on. */
  offMs: instantSchema.optional(),
  onMs: instantSchema.optional(),
  /** The end that the house has accepted. */
  heldUntilMs: instantSchema.optional(),
  /** Why the house refuses it. */
  reason: z.string().optional(),
});
export type EventCall = Readonly<z.infer<typeof callSchema>>;

const houseSchema = z.strictObject({
  /** Number of the newest command; 0 before the first. */
  seq: z.int().nonnegative(),
  /** When it was made, how often it was sent, and when the house must have answered. */
  issuedMs: instantSchema,
  attempts: z.int().nonnegative(),
  deadlineMs: instantSchema,
  answer: z.enum(['none', 'waiting', 'acknowledged', 'refused', 'silent']),
  /** The calls of the newest command: it is sent again byte for byte. */
  commanded: z.array(z.strictObject({ appliance: applianceIdSchema, not_before: instantSchema, until: instantSchema })),
  /** Of the newest state that the house has reported. */
  reportedMs: instantSchema,
  /** By appliance id. */
  calls: z.record(applianceIdSchema, callSchema),
});
export type EventHouse = Readonly<z.infer<typeof houseSchema>>;

export const shedEventSchema = z.strictObject({
  version: z.literal(1),
  id: eventIdSchema,
  feeder: z.string(),
  phase: z.enum(PHASES),
  /** What `releasing` leads to. */
  ending: z.enum(FINAL_PHASES).nullable(),
  /** Why it was cancelled or failed; empty otherwise. */
  note: z.string(),
  /** What is asked for. */
  targetW: watts,
  minutes: z.number().positive(),
  reason: z.string(),
  requestedBy: z.string(),
  confirmedBy: z.string().nullable(),
  createdMs: instantSchema,
  /** The newest instant that the event has seen: a clock that steps back does not take it back. */
  updatedMs: instantSchema,
  /** How often it has changed. */
  revision: z.int().nonnegative(),
  /** From the plan; null before there is one. */
  planHash: z.string().nullable(),
  startMs: instantSchema.nullable(),
  endMs: instantSchema.nullable(),
  promisedW: watts,
  startJitterMs: durationSchema,
  releaseJitterMs: durationSchema,
  /** By house id. */
  houses: z.record(houseIdSchema, houseSchema),
  /** Houses and appliances that have opted out: not asked again in this event. */
  optedOut: z.strictObject({ houses: z.array(houseIdSchema), appliances: z.array(applianceIdSchema) }),
  /** Relief that was lost and is not replaced yet, W; how often others were asked for; whether an answer is awaited. */
  lostW: watts,
  replacements: z.int().nonnegative(),
  isReplacing: z.boolean(),
  /** No one is left to ask: asking again would be futile. */
  isExhausted: z.boolean(),
});
export type ShedEvent = Readonly<z.infer<typeof shedEventSchema>>;

/** What is asked for, before anything is planned. */
export type EventRequest = Readonly<
  Pick<ShedEvent, 'id' | 'feeder' | 'targetW' | 'minutes' | 'reason' | 'requestedBy' | 'confirmedBy'>
>;

/** A proposed event. */
export function proposedEvent(request: EventRequest, nowMs: number): ShedEvent {
  return shedEventSchema.parse({
    version: 1,
    ...request,
    phase: 'proposed',
    ending: null,
    note: '',
    createdMs: nowMs,
    updatedMs: nowMs,
    revision: 0,
    planHash: null,
    startMs: null,
    endMs: null,
    promisedW: 0,
    startJitterMs: 0,
    releaseJitterMs: 0,
    houses: {},
    optedOut: { houses: [], appliances: [] },
    lostW: 0,
    replacements: 0,
    isReplacing: false,
    isExhausted: false,
  });
}

/** Every call of an event. */
export function callsOf(event: ShedEvent): EventCall[] {
  return Object.values(event.houses).flatMap(({ calls }) => Object.values(calls));
}
