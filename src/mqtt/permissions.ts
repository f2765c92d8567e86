/**
 * Who may say and hear what. The identity is the common name of the client's certificate: the house's id, or
 * {@link DISPATCHER_IDENTITY}. It is the client id, too: MQTT gives a session to whoever comes with its client id.
 */
import { houseIdSchema } from '../core/shed/ids.ts';
import { houseTopic, type MqttKind, parseHouseTopic, STOP_TOPIC } from '../core/shed/mqtt-topics.ts';

/** No house: ids of houses begin with a letter or a digit. */
export const DISPATCHER_IDENTITY = '_dispatcher';

/** What houses send, and whether the broker may retain it. */
const REPORTS: Partial<Record<MqttKind, { readonly isRetained: boolean }>> = {
  ack: { isRetained: false },
  optout: { isRetained: true },
  state: { isRetained: true },
};

export const REPORT_KINDS = ['ack', 'optout', 'state'] as const satisfies readonly MqttKind[];

export const isIdentity = (name: unknown): name is string =>
  name === DISPATCHER_IDENTITY || houseIdSchema.safeParse(name).success;

/** @param isRetained whether the broker is asked to keep the message: never commands, which would be obeyed again. */
export function mayPublish(identity: string, topic: string, isRetained: boolean): boolean {
  const known = parseHouseTopic(topic);
  if (identity === DISPATCHER_IDENTITY) {
    return !isRetained && (topic === STOP_TOPIC || known?.kind === 'command');
  }
  const report = known?.house === identity ? REPORTS[known.kind] : undefined;
  return report !== undefined && (report.isRetained || !isRetained);
}

/** Filters with wildcards are allowed as they are needed, and in no other form. */
export function maySubscribe(identity: string, filter: string): boolean {
  return subscriptionsOf(identity).includes(filter);
}

/** What a client of this identity subscribes to. */
export function subscriptionsOf(identity: string): string[] {
  return identity === DISPATCHER_IDENTITY
    ? REPORT_KINDS.map((kind) => houseTopic('+', kind))
    : [houseTopic(identity, 'command'), STOP_TOPIC];
}
