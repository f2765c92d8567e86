/**
 * A house on MQTT: gives what comes to its gateway, and carries out what follows. Switching waits for nothing; what the
 * house says waits until its memory is kept.
 */
import { after } from '../core/clock/timers.ts';
import { houseTopic, STOP_TOPIC } from '../core/shed/mqtt-topics.ts';
import { MqttConnection, type MqttSettings } from '../mqtt/connection.ts';
import { type GatewayEffect, type GatewayOptions, HomeGateway } from './gateway.ts';
import type { GatewayMemory } from './memory.ts';

export interface HouseClientOptions {
  readonly gateway: GatewayOptions;
  readonly mqtt: Omit<MqttSettings, 'identity' | 'isKept'>;
  readonly switchAppliance: (appliance: string, isOn: boolean) => void;
  /** Keeps it over a restart. @default not kept */
  readonly remember?: (memory: GatewayMemory) => Promise<void>;
  /** What goes wrong and stops nothing. */
  readonly onTrouble?: (message: string) => void;
}

/** A clock that is set changes when something is due: looked at this often while an appliance is called, ms. */
const LOOK_MS = 500;
const HOUR_MS = 3_600_000;

export class HouseClient {
  readonly #options: HouseClientOptions;
  readonly #gateway: HomeGateway;
  #connection: MqttConnection | undefined;
  #isClosed = false;
  #begin = (): void => undefined;
  /** What is kept and said, in order, from the first connection on. */
  #saying = new Promise<void>((resolve) => (this.#begin = resolve));
  #cancel = (): void => undefined;
  #cancelHourly = (): void => undefined;

  private constructor(options: HouseClientOptions) {
    this.#options = options;
    this.#gateway = new HomeGateway(options.gateway);
  }

  /** Resolves when the house is connected and has said what holds. @throws MqttError when the broker refuses it. */
  static async start(options: HouseClientOptions): Promise<HouseClient> {
    const client = new HouseClient(options);
    const { house } = options.gateway;
    let isStarted = false;
    client.#connection = await MqttConnection.open(
      // Commands that come while the house is away are kept: it refuses what is too late.
      { ...options.mqtt, identity: house, isKept: true },
      {
        onMessage: (topic, payload) => client.#receive(topic, payload),
        // A broker that was started again has forgotten what it retained.
        onUp: () => {
          if (isStarted) {
            client.#do(client.#gateway.start({ nowMs: Date.now() }));
          }
        },
        ...(options.onTrouble && { onTrouble: options.onTrouble }),
      },
    );
    isStarted = true;
    client.#begin();
    client.#do(client.#gateway.start({ nowMs: Date.now() }));
    client.#reportHourly();
    await client.#saying;
    return client;
  }

  /** Appliances that are off now. */
  get off(): readonly string[] {
    return this.#gateway.off;
  }

  optOut(scope: { readonly appliance?: string; readonly until?: number }): void {
    this.#do(this.#gateway.optOut(scope, Date.now()));
  }

  optIn(appliance?: string): void {
    this.#do(this.#gateway.optIn(appliance, Date.now()));
  }

  /** Leaves the broker. Nobody would release what is off any more, so it is switched on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    for (const appliance of this.#gateway.off) {
      this.#options.switchAppliance(appliance, true);
    }
    this.#cancelHourly();
    await this.#saying;
    await this.#connection?.close();
  }

  #receive(topic: string, payload: Buffer): void {
    const time = { nowMs: Date.now() };
    if (topic === STOP_TOPIC) {
      this.#do(this.#gateway.receiveStop(payload, time));
    } else if (topic === houseTopic(this.#options.gateway.house, 'command')) {
      this.#do(this.#gateway.receive(payload, time));
    }
  }

  #do(effects: readonly GatewayEffect[]): void {
    const later = effects.filter((effect) => {
      if (effect.kind === 'switch') {
        this.#options.switchAppliance(effect.appliance, effect.isOn);
      }
      return effect.kind !== 'switch';
    });
    if (later.length > 0) {
      this.#saying = this.#saying
        .then(() => this.#say(later))
        .catch((error: unknown) => {
          this.#options.onTrouble?.(error instanceof Error ? error.message : String(error));
        });
    }
    this.#wait();
  }

  async #say(effects: readonly GatewayEffect[]): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === 'remember') {
        await this.#options.remember?.(effect.memory);
      } else if (effect.kind === 'publish') {
        // The broker may be away for long: what is said next must not wait for it.
        this.#connection?.publish(effect.publication).catch((error: unknown) => {
          this.#options.onTrouble?.(error instanceof Error ? error.message : String(error));
        });
      }
    }
  }

  #wait(): void {
    this.#cancel();
    const { nextMs } = this.#gateway;
    if (nextMs < Infinity && !this.#isClosed) {
      this.#cancel = after(Math.min(LOOK_MS, nextMs - Date.now()), () => this.#do(this.#gateway.tick(Date.now())));
    }
  }

  #reportHourly(): void {
    this.#cancelHourly = after(HOUR_MS, () => {
      this.#do(this.#gateway.report(Date.now()));
      this.#reportHourly();
    });
  }
}
