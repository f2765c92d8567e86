/** The stream's messages as TypeScript types; what each field means, and its unit, is said once, in the .avsc files. */
import { z } from 'zod';

import { messageCodec } from './codec.ts';

// Avro's long is wider than a JavaScript number is exact, and avsc 5.7.9 is exact to 52 bits: 140,000 years of ms.
const long = z
  .int()
  .min(-(2 ** 52))
  .max(2 ** 52 - 1);
const int = z.int32();
/** Any bits are a valid Avro float or double; a value that is not finite is no message of ours. */
const double = z.number();
const text = z.string();

const powerrawShape = z.object({
  house_id: text,
  appliance_name: text,
  appliance_id: text,
  timestamp: long,
  power: double,
  interval_ms: int,
});
export type PowerRaw = z.infer<typeof powerrawShape>;
export const powerraw = messageCodec('powerraw', powerrawShape);

const dutyCycleShape = z.object({
  house_id: text,
  appliance_id: text,
  appliance_name: text,
  window_start: long,
  window_end: long,
  duty_cycle: double,
  coverage: double,
  on_ms: long,
  observed_ms: long,
  mean_power: double,
  readings: long,
});
export const dutycycle = messageCodec('dutycycle', dutyCycleShape);

const historyShape = z.object({
  house_id: text,
  appliance_id: text,
  appliance_name: text,
  timestamp: long,
  mean_power: double,
  days: int,
  coverage: double,
});
export type History = z.infer<typeof historyShape>;
export const history = messageCodec('history', historyShape);

const deadLetterShape = z.object({
  topic: text,
  partition: int,
  offset: long,
  reason: text,
  bytes: z.instanceof(Buffer),
});
export const deadletter = messageCodec('deadletter', deadLetterShape);

const shedAuditShape = z.object({
  index: long,
  timestamp: long,
  event_id: text,
  kind: text,
  actor: text,
  detail: text,
  previous: z.instanceof(Buffer),
});
export const shedaudit = messageCodec('shedaudit', shedAuditShape);

const shedEventShape = z.object({
  event_id: text,
  house_id: text,
  timestamp: long,
  revision: long,
  phase: text,
  state: text,
});
export const shedevent = messageCodec('shedevent', shedEventShape);
