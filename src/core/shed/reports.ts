/** What a house tells the dispatcher, as JSON. The broker authenticates the house: only it may write its topics. */
import { z } from 'zod';

import { canonicalJson } from '../canonical.ts';
import { parseJson } from '../parse-json.ts';
import { applianceIdSchema, eventIdSchema, houseIdSchema, instantSchema } from './ids.ts';
import type { MqttKind } from './mqtt-topics.ts';

/** Why a house refuses a whole command. */
export const COMMAND_REFUSALS = [
  /** Not a signed message, or its content is no command. */
  'format',
  /** Signed, as something else. */
  'type',
  /** The key is not known. */
  'key',
  'signature',
  /** For another house. */
  'house',
  /** An older one than the last, or another one with the same number: repeated or out of order. */
  'sequence',
  /** Its end has passed. */
  'expired',
  /** Its end is further ahead than the house allows. */
  'too_far',
  /** The house's clock is not synchronised, and the command is not recent by the broker's. */
  'clock',
] as const;
export type CommandRefusal = (typeof COMMAND_REFUSALS)[number];

/** Why a house refuses to switch one appliance. */
export const CALL_REFUSALS = [
  /** Not on the house's own list of what may be switched. */
  'not_allowed',
  'opted_out',
  /** Longer than the house lets it be off. */
  'too_long',
  /** Not on for long enough since it was last off. */
  'resting',
  /** Another event has it off. */
  'held',
  /** More of the house's appliances than it lets be off at a time. */
  'too_many',
  /** It did not do what it was told. */
  'failed',
] as const;
export type CallRefusal = (typeof CALL_REFUSALS)[number];

const house = { version: z.literal(1), house: houseIdSchema, at: instantSchema };

/** The house will do what the command says, apart from what it refuses. */
const acknowledgementSchema = z.strictObject({
  type: z.literal('acknowledgement'),
  ...house,
  event: eventIdSchema,
  seq: z.int().positive(),
  accepted: z.array(applianceIdSchema),
  refused: z.array(z.strictObject({ appliance: applianceIdSchema, reason: z.enum(CALL_REFUSALS) })),
});

/** The house does nothing of what the message says. */
const refusalSchema = z.strictObject({
  type: z.literal('refusal'),
  ...house,
  reason: z.enum(COMMAND_REFUSALS),
  /** SHA-256 of the message, hexadecimal: of a forged one nothing else can be believed. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of a message with a valid signature. @default its content can't be trusted */
  event: eventIdSchema.optional(),
  seq: z.int().positive().optional(),
});

export const answerSchema = z.discriminatedUnion('type', [acknowledgementSchema, refusalSchema]);
export type Acknowledgement = Readonly<z.infer<typeof acknowledgementSchema>>;
export type Refusal = Readonly<z.infer<typeof refusalSchema>>;
export type Answer = Acknowledgement | Refusal;

/** All opt-outs of a house that hold; the newest message replaces the ones before. Retained by the broker. */
export const optOutsSchema = z.strictObject({
  type: z.literal('optouts'),
  ...house,
  optouts: z.array(
    z.strictObject({
      /** An appliance. @default the whole house */
      appliance: applianceIdSchema.optional(),
      /** Wall-clock ms. @default until it is taken back */
      until: instantSchema.optional(),
    }),
  ),
});
export type OptOuts = Readonly<z.infer<typeof optOutsSchema>>;

/** What the house's appliances do. Sent on every change and once an hour; retained by the broker. */
export const stateSchema = z.strictObject({
  type: z.literal('state'),
  ...house,
  /** The last command that was accepted; 0 before the first. */
  seq: z.int().nonnegative(),
  is_clock_synchronised: z.boolean(),
  /** Appliances that are off for an event, or were since the last hourly message. All others are normal. */
  appliances: z.array(
    z.strictObject({
      appliance: applianceIdSchema,
      event: eventIdSchema,
      state: z.enum(['off', 'released']),
      /** Since when, wall-clock ms. */
      since: instantSchema,
    }),
  ),
});
export type HouseState = Readonly<z.infer<typeof stateSchema>>;

export type Report = Answer | OptOuts | HouseState;

/** The text of a report. @throws RangeError for what JSON has no text for. */
export const reportText = (report: Report): string => canonicalJson(report);

const SCHEMAS: Partial<Record<MqttKind, z.ZodType<Report>>> = {
  ack: answerSchema,
  optout: optOutsSchema,
  state: stateSchema,
};

/** Longer reports are not parsed, bytes. */
export const MAX_REPORT_BYTES = 64 * 1_024;

/** Why a message of a house is no report: each is counted under its reason. */
export type ReportFault = 'too_long' | 'json' | 'shape' | 'house';

/**
 * A report from a message, or what is wrong with it. Never throws, whatever the bytes are.
 *
 * @param from the house of the topic, which the broker has authenticated.
 */
export function parseReport(kind: MqttKind, from: string, bytes: Buffer): Report | ReportFault {
  if (bytes.length > MAX_REPORT_BYTES) {
    return 'too_long';
  }
  const content = parseJson(bytes.toString('utf8'));
  if (content === undefined) {
    return 'json';
  }
  const report = SCHEMAS[kind]?.safeParse(content).data;
  if (!report) {
    return 'shape';
  }
  return report.house === from ? report : 'house';
}
