/** The MQTT topics between the dispatcher and the houses: four for each house, and one for all. */
import { ALL_HOUSES } from './ids.ts';

const ROOT = 'igrid/v1';

/** What is sent to houses and comes back from them; the last level of a house's topics. */
export const MQTT_KINDS = ['command', 'ack', 'state', 'optout'] as const;
export type MqttKind = (typeof MQTT_KINDS)[number];

/** @param house a house id, or `+` in a subscription. */
export const houseTopic = (house: string, kind: MqttKind): string => `${ROOT}/${house}/${kind}`;

/** To every house at once: stop-all. */
export const STOP_TOPIC = `${ROOT}/${ALL_HOUSES}/stop`;

/** The house and kind of a topic of a house; undefined for any other topic. */
export function parseHouseTopic(topic: string): { readonly house: string; readonly kind: MqttKind } | undefined {
  const [root, version, house, kind, ...rest] = topic.split('/');
  const known = MQTT_KINDS.find((one) => one === kind);
  if (`${root ?? ''}/${version ?? ''}` !== ROOT || !house || house === ALL_HOUSES || !known || rest.length > 0) {
    return undefined;
  }
  return { house, kind: known };
}

/** How a message is to be published. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
  /** The broker keeps the newest for who subscribes later. @default false */
  readonly retain?: boolean;
  /** The broker drops it when it was not delivered by then, wall-clock ms. @default never */
  readonly expiresMs?: number;
}
