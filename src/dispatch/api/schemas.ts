/** What the REST API takes and gives. Power in kW, durations in minutes of grid time, instants in wall-clock ms. */
import { z } from 'zod';

import { applianceIdSchema, eventIdSchema, houseIdSchema } from '../../core/shed/ids.ts';
import { CALL_STATUSES, callsOf, PHASES, type ShedEvent } from '../event/shed-event.ts';
import { releaseLateMs } from '../event/step.ts';

const kw = z.number().positive('must be above 0').describe('relief that is asked for, kW');
const minutes = z.number().positive('must be above 0').describe('of grid time');
const person = z.string().min(1).max(100);
const reason = z.string().max(200).default('').describe('for the people in the houses');

export const askedSchema = z.strictObject({
  feeder: z.string().min(1),
  kw,
  minutes,
  by: person.describe('who asks'),
  confirmed_by: person.optional().describe('who else has confirmed, for more than the usual caps'),
  reason,
});

export const newEventSchema = askedSchema.extend({
  id: eventIdSchema.optional().describe('default: made by the dispatcher'),
  start: z.boolean().default(false).describe('start it at once'),
});

export const bySchema = z.strictObject({ by: person });
export const cancelSchema = z.strictObject({ by: person, reason: z.string().max(200).default('cancelled') });
export const stopSchema = z.strictObject({ by: person, reason: z.string().max(200).default('stop-all') });
export const changeSchema = z
  .strictObject({ by: person, kw: kw.optional(), minutes: minutes.optional() })
  .refine((asked) => asked.kw !== undefined || asked.minutes !== undefined, {
    error: 'give kw, minutes or both',
  });

export const problemSchema = z
  .object({ title: z.string(), status: z.int(), detail: z.string() })
  .describe('a problem (RFC 9457)');

export const eventSchema = z.object({
  id: eventIdSchema,
  feeder: z.string(),
  phase: z.enum(PHASES),
  note: z.string(),
  target_kw: z.number(),
  promised_kw: z.number(),
  minutes: z.number(),
  start: z.number().nullable(),
  end: z.number().nullable(),
  requested_by: z.string(),
  commands: z.int().describe('houses that were told something'),
  acked: z.int().describe('of them, houses that have acknowledged'),
  opted_out: z.int().describe('calls that people have opted out of'),
  calls: z.partialRecord(z.enum(CALL_STATUSES), z.int()).describe('calls by status'),
  release_late_ms_max: z.number(),
});
export type EventView = z.infer<typeof eventSchema>;

export const planSchema = z.object({
  event: eventIdSchema,
  feeder: z.string(),
  target_kw: z.number(),
  expected_kw: z.number(),
  promised_kw: z.number().describe('kept in nine of ten events'),
  short_kw: z.number().describe('by how much the promise misses the target'),
  rebound_kw: z.number(),
  rebound_kwh: z.number(),
  held_out: z.int().describe('appliances that are not called, for comparison'),
  candidates: z.int(),
  excluded: z.record(z.string(), z.int()).describe('appliances by why they are not called'),
  calls: z.array(
    z.object({ appliance: applianceIdSchema, house: houseIdSchema, name: z.string(), expected_kw: z.number() }),
  ),
});
export type PlanView = z.infer<typeof planSchema>;

export const feederSchema = z.object({
  feeder: z.string(),
  limit_kw: z.number(),
  power_kw: z.number(),
  sheddable_kw: z.number(),
});
export type FeederView = z.infer<typeof feederSchema>;

export const optOutSchema = z.object({
  house: houseIdSchema,
  appliance: applianceIdSchema.nullable().describe('null: the whole house'),
  until: z.number().nullable().describe('null: until it is taken back'),
});

export const statusSchema = z.object({
  steps: z.int(),
  commands: z.int(),
  reports: z.int(),
  faults: z.record(z.string(), z.int()),
  ignored: z.record(z.string(), z.int()),
  events: z.array(eventSchema),
});

export function eventView(event: ShedEvent): EventView {
  const calls = callsOf(event);
  const byStatus: EventView['calls'] = {};
  for (const { status } of calls) {
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }
  const told = Object.values(event.houses).filter(({ seq }) => seq > 0);
  return {
    id: event.id,
    feeder: event.feeder,
    phase: event.phase,
    note: event.note,
    target_kw: event.targetW / 1_000,
    promised_kw: event.promisedW / 1_000,
    minutes: event.minutes,
    start: event.startMs,
    end: event.endMs,
    requested_by: event.requestedBy,
    commands: told.length,
    acked: told.filter(({ answer }) => answer === 'acknowledged').length,
    opted_out: byStatus.opted_out ?? 0,
    calls: byStatus,
    release_late_ms_max: releaseLateMs(event),
  };
}
