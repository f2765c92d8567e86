/** A client's connection to an MQTT broker: it comes back by itself, and subscribes again each time. */
import mqtt, { type MqttClient } from 'mqtt';

import { after } from '../core/clock/timers.ts';
import type { Publication } from '../core/shed/mqtt-topics.ts';
import type { TlsCredentials } from './credentials.ts';
import { subscriptionsOf } from './permissions.ts';

export interface MqttSettings {
  /** `mqtts://host:port` */
  readonly url: string;
  /** Client id, and common name of the certificate. */
  readonly identity: string;
  readonly credentials: TlsCredentials;
  /** MQTT 3.1.1 (the embedded broker) or 5, which lets messages expire. @default 3.1.1 */
  readonly version?: '3.1.1' | '5';
  /** Whether the broker keeps what comes while the client is away. @default false */
  readonly isKept?: boolean;
  /** The broker's name in its certificate. @default the host of `url` */
  readonly serverName?: string;
  /** How long the first connection may take, ms. @default 10 s */
  readonly connectTimeoutMs?: number;
}

export interface MqttHandlers {
  readonly onMessage: (topic: string, payload: Buffer) => void;
  /** Connected and subscribed: the first time, and after each interruption. */
  readonly onUp?: () => void;
  /** What goes wrong while it tries again. */
  readonly onTrouble?: (message: string) => void;
}

/** The broker can't be reached, or refuses us. The message is one line that says why. */
export class MqttError extends Error {
  override readonly name = 'MqttError';
}

const RECONNECT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long a close waits for acknowledgements of what was published. */
const CLOSE_MS = 1_000;
/** A subscription that is refused (MQTT 3.1.1, section 3.9.3); all greater codes of MQTT 5 are refusals, too. */
const REFUSED = 128;

export class MqttConnection {
  readonly #client: MqttClient;
  readonly #version: '3.1.1' | '5';

  private constructor(client: MqttClient, version: '3.1.1' | '5') {
    this.#client = client;
    this.#version = version;
  }

  /** Resolves when it is connected and subscribed. @throws MqttError when that fails in time, or is refused. */
  static async open(settings: MqttSettings, handlers: MqttHandlers): Promise<MqttConnection> {
    const { url, identity, credentials, version = '3.1.1', isKept = false, serverName } = settings;
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS } = settings;
    const client = mqtt.connect(url, {
      clientId: identity,
      protocolVersion: version === '5' ? 5 : 4,
      clean: !isKept,
      // A week: as long as an event may be ahead.
      ...(version === '5' && isKept && { properties: { sessionExpiryInterval: 7 * 86_400 } }),
      cert: credentials.certificate,
      key: credentials.privateKey,
      ca: credentials.authority,
      rejectUnauthorized: true,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: connectTimeoutMs,
      // Subscriptions are made below, where a refusal is seen.
      resubscribe: false,
      ...(serverName !== undefined && { servername: serverName }),
    });
    const connection = new MqttConnection(client, version);
    client.on('message', (topic, payload) => handlers.onMessage(topic, payload));
    let trouble = `no answer within ${connectTimeoutMs / 1_000} s`;
    client.on('error', (error) => {
      trouble = error.message === '' ? String(error) : error.message;
      handlers.onTrouble?.(trouble);
    });
    try {
      await new Promise<void>((resolve, reject) => {
        const cancel = after(connectTimeoutMs, () => reject(new MqttError(`${url}: ${trouble}`)));
        client.on('connect', () => {
          subscribe(client, subscriptionsOf(identity)).then(
            () => {
              cancel();
              resolve();
              handlers.onUp?.();
            },
            (error: unknown) => {
              trouble = error instanceof Error ? error.message : String(error);
              handlers.onTrouble?.(trouble);
              cancel();
              reject(new MqttError(`${url}: ${trouble}`));
            },
          );
        });
        client.on('error', (error) => {
          // Another attempt would be refused as well.
          if ('code' in error && typeof error.code === 'number') {
            cancel();
            reject(new MqttError(`${url}: the broker refuses ${identity}: ${error.message}`));
          }
        });
      });
    } catch (error) {
      await client.endAsync(true);
      throw error;
    }
    return connection;
  }

  get isUp(): boolean {
    return this.#client.connected;
  }

  /**
   * Resolves when the broker has it, at least once; it waits for a connection.
   *
   * @throws MqttError when the connection is closed before.
   */
  async publish({ topic, payload, retain = false, expiresMs }: Publication, nowMs = Date.now()): Promise<void> {
    const leftS = expiresMs === undefined ? undefined : Math.max(1, Math.ceil((expiresMs - nowMs) / 1_000));
    try {
      await this.#client.publishAsync(topic, payload, {
        qos: 1,
        retain,
        ...(this.#version === '5' && leftS !== undefined && { properties: { messageExpiryInterval: leftS } }),
      });
    } catch (error) {
      throw new MqttError(`${topic}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  /** Waits for what is on its way, at most a second. */
  async close(): Promise<void> {
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => (cancel = after(CLOSE_MS, resolve)));
    const ended = this.#client.connected ? this.#client.endAsync().catch(() => undefined) : Promise.resolve();
    await Promise.race([ended, late]);
    cancel();
    await this.#client.endAsync(true).catch(() => undefined);
  }
}

async function subscribe(client: MqttClient, topics: readonly string[]): Promise<void> {
  const granted = await client.subscribeAsync([...topics], { qos: 1 });
  const refused = granted.filter(({ qos }) => qos >= REFUSED).map(({ topic }) => topic);
  if (refused.length > 0) {
    throw new MqttError(`the broker refuses the subscription to ${refused.join(', ')}`);
  }
}
