/**
 * What a house does about commands: verifies them, refuses with a reason, switches, and releases by its own timer. No
 * clock, no network, nothing random: the caller passes the time and carries out the effects. What it says goes before
 * anything that it is told: its own list of appliances, its own longest times, its own opt-outs.
 */
import { createHash } from 'node:crypto';

import { type Command, type CommandCall, parseCommand, parseStop, type Stop } from '../core/shed/command.ts';
import { jitterMs } from '../core/shed/jitter.ts';
import { houseTopic, type Publication } from '../core/shed/mqtt-topics.ts';
import {
  type Acknowledgement,
  type CallRefusal,
  type CommandRefusal,
  type HouseState,
  type OptOuts,
  type Report,
  reportText,
} from '../core/shed/reports.ts';
import { openMessage, SIGNED_TYPES, type SignedType, type TrustedKeys } from '../core/shed/signature.ts';
import type { Behaviour } from './behaviour.ts';
import type { HouseRules } from './house-rules.ts';
import { emptyMemory, type GatewayMemory, type Hold } from './memory.ts';

export interface GatewayOptions {
  readonly house: string;
  readonly rules: HouseRules;
  readonly keys: TrustedKeys;
  /** Failures and opt-outs of a simulated house. @default none */
  readonly behaviour?: Behaviour;
  /** What survived a restart: memory.ts. Appliances are normal then. @default nothing */
  readonly memory?: GatewayMemory;
}

/** The time, as far as the house knows it. */
export interface HouseTime {
  /** Wall-clock ms. */
  readonly nowMs: number;
  /** Whether a time server confirms it. @default true */
  readonly isSynchronised?: boolean;
  /** The broker's time, ms: what a clock that is not synchronised is compared with. @default not known */
  readonly brokerMs?: number;
}

export type GatewayEffect =
  | { readonly kind: 'switch'; readonly appliance: string; readonly isOn: boolean }
  | { readonly kind: 'publish'; readonly publication: Publication }
  /** Keep this over a restart, before anything is published. */
  | { readonly kind: 'remember'; readonly memory: GatewayMemory };

export class HomeGateway {
  readonly #options: GatewayOptions;
  #memory: GatewayMemory;
  readonly #holds = new Map<string, Hold>();
  #isSynchronised = true;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#memory = options.memory ?? emptyMemory();
  }

  /** Appliances that are off now. */
  get off(): readonly string[] {
    return [...this.#holds.values()].filter(({ isOff }) => isOff).map(({ appliance }) => appliance);
  }

  /** When {@link tick} has something to do next, wall-clock ms; Infinity when nothing is planned. */
  get nextMs(): number {
    const instants = [...this.#holds.values()].map((hold) => (hold.isOff ? hold.onMs : hold.offMs));
    const optOuts = [...this.#holds.values()].map(({ optOutMs }) => optOutMs ?? Infinity);
    return Math.min(Infinity, ...instants, ...optOuts);
  }

  /** After a start: says what holds, so that the dispatcher knows the house. */
  start(time: HouseTime): GatewayEffect[] {
    this.#isSynchronised = time.isSynchronised ?? true;
    return [this.#publish(this.#optOuts(time.nowMs)), this.#state(time.nowMs)];
  }

  /** A message on the house's command topic. Never throws, whatever the bytes are. */
  receive(bytes: Buffer, time: HouseTime): GatewayEffect[] {
    this.#isSynchronised = time.isSynchronised ?? true;
    const before = this.tick(time.nowMs);
    const opened = this.#open(bytes, SIGNED_TYPES.command);
    if ('reason' in opened) {
      return [...before, this.#refuse(bytes, time.nowMs, opened.reason)];
    }
    const command = parseCommand(opened.payload);
    if (!command) {
      return [...before, this.#refuse(bytes, time.nowMs, 'format')];
    }
    if (this.#options.behaviour?.isSilent(command.event)) {
      return before;
    }
    const digest = digestOf(bytes);
    const { lastSeq, lastDigest, lastAnswer } = this.#memory;
    if (command.seq === lastSeq && digest === lastDigest && lastAnswer && command.house === this.#options.house) {
      // MQTT may deliver twice, and the dispatcher asks again when an answer was lost: nothing happens twice.
      return [...before, this.#publish(lastAnswer)];
    }
    const reason = this.#refusalOf(command, time);
    return [
      ...before,
      ...(reason ? [this.#refuse(bytes, time.nowMs, reason, command)] : this.#obey(command, digest, time)),
    ];
  }

  /** A message on the topic of stop-all. One that is not valid changes nothing. */
  receiveStop(bytes: Buffer, { nowMs }: HouseTime): GatewayEffect[] {
    const before = this.tick(nowMs);
    const opened = this.#open(bytes, SIGNED_TYPES.stop);
    const stop = 'payload' in opened ? parseStop(opened.payload) : undefined;
    if (!stop || stop.seq <= this.#memory.lastStop) {
      return before;
    }
    return [...before, ...this.#stop(stop, nowMs)];
  }

  /** Time has passed: switches what is due. Whatever else is dead, this releases. */
  tick(nowMs: number): GatewayEffect[] {
    const effects: GatewayEffect[] = [];
    for (const hold of [...this.#holds.values()]) {
      if (hold.optOutMs !== undefined && nowMs >= hold.optOutMs) {
        return [...effects, ...this.optOut({ until: hold.onMs }, nowMs), ...this.tick(nowMs)];
      }
      if (!hold.isOff && nowMs >= hold.onMs) {
        // It slept through the whole call.
        this.#holds.delete(hold.appliance);
      } else if (!hold.isOff && nowMs >= hold.offMs) {
        const limit = this.#options.rules.allowed.get(hold.appliance)?.maxOffMs ?? 0;
        this.#holds.set(hold.appliance, {
          ...hold,
          isOff: true,
          offMs: nowMs,
          onMs: Math.min(hold.onMs, nowMs + limit),
        });
        effects.push({ kind: 'switch', appliance: hold.appliance, isOn: false });
      } else if (hold.isOff && nowMs >= hold.onMs) {
        effects.push(...this.#release(hold, nowMs));
      }
    }
    return effects.length === 0 ? [] : [...effects, this.#remember(), this.#state(nowMs)];
  }

  /**
   * The people in the house want an appliance, or all, left alone. At once, whatever was commanded.
   *
   * @param scope an appliance (default: the house) and until when, wall-clock ms (default: until it is taken back).
   */
  optOut(scope: { readonly appliance?: string; readonly until?: number }, nowMs: number): GatewayEffect[] {
    const { appliance, until } = scope;
    const optOuts = this.#memory.optOuts.filter((one) => one.appliance !== appliance);
    optOuts.push({ ...(appliance !== undefined && { appliance }), ...(until !== undefined && { until }) });
    this.#memory = { ...this.#memory, optOuts };
    const effects: GatewayEffect[] = [];
    for (const hold of [...this.#holds.values()]) {
      if (appliance === undefined || hold.appliance === appliance) {
        effects.push(...this.#release(hold, nowMs));
      }
    }
    return [...effects, this.#remember(), this.#publish(this.#optOuts(nowMs)), this.#state(nowMs)];
  }

  /** Takes an opt-out back. @param appliance default: that of the house. */
  optIn(appliance: string | undefined, nowMs: number): GatewayEffect[] {
    this.#memory = { ...this.#memory, optOuts: this.#memory.optOuts.filter((one) => one.appliance !== appliance) };
    return [this.#remember(), this.#publish(this.#optOuts(nowMs))];
  }

  /** What appliances do, for the hourly message. */
  report(nowMs: number): GatewayEffect[] {
    const effects = [...this.tick(nowMs), this.#state(nowMs)];
    this.#memory = { ...this.#memory, released: {} };
    return effects;
  }

  #open(bytes: Buffer, type: SignedType): { readonly payload: string } | { readonly reason: CommandRefusal } {
    const opened = openMessage(bytes, type, this.#options.keys);
    return opened.isTrusted ? { payload: opened.payload } : { reason: opened.reason };
  }

  #refusalOf(command: Command, time: HouseTime): CommandRefusal | undefined {
    const { house, rules } = this.#options;
    const { nowMs, isSynchronised = true, brokerMs } = time;
    if (command.house !== house) {
      return 'house';
    }
    if (command.seq <= this.#memory.lastSeq || command.issued <= this.#memory.stoppedMs) {
      return 'sequence';
    }
    if (!isSynchronised && !(Math.abs(command.issued - (brokerMs ?? NaN)) <= rules.clockToleranceMs)) {
      return 'clock';
    }
    if (command.calls.length === 0) {
      // A release is never too late and never too long.
      return undefined;
    }
    if (nowMs > command.until) {
      return 'expired';
    }
    return command.until - nowMs > rules.maxAheadMs ? 'too_far' : undefined;
  }

  /** The house's state of the event becomes what the command says, apart from what is refused. */
  #obey(command: Command, digest: string, { nowMs }: HouseTime): GatewayEffect[] {
    const listed = new Set(command.calls.map(({ appliance }) => appliance));
    const effects: GatewayEffect[] = [];
    for (const hold of [...this.#holds.values()]) {
      if (hold.event === command.event && !listed.has(hold.appliance)) {
        effects.push(...this.#letGo(hold, nowMs, command.release_jitter_ms));
      }
    }
    const accepted: string[] = [];
    const refused: { appliance: string; reason: CallRefusal }[] = [];
    for (const call of command.calls) {
      const reason = this.#callRefusal(call, command, nowMs);
      if (reason) {
        refused.push({ appliance: call.appliance, reason });
      } else {
        accepted.push(call.appliance);
        this.#hold(call, command);
      }
    }
    const answer: Acknowledgement = {
      type: 'acknowledgement',
      version: 1,
      house: this.#options.house,
      at: nowMs,
      event: command.event,
      seq: command.seq,
      accepted,
      refused,
    };
    this.#memory = { ...this.#memory, lastSeq: command.seq, lastDigest: digest, lastAnswer: answer };
    return [...effects, this.#remember(), this.#publish(answer), ...this.#due(nowMs, effects.length > 0)];
  }

  /** Switches what is due at once; states what has changed. */
  #due(nowMs: number, hasChanged: boolean): GatewayEffect[] {
    const effects = this.tick(nowMs);
    return effects.length === 0 && hasChanged ? [this.#state(nowMs)] : effects;
  }

  #callRefusal(call: CommandCall, command: Command, nowMs: number): CallRefusal | undefined {
    const { rules, behaviour } = this.#options;
    const limits = rules.allowed.get(call.appliance);
    const hold = this.#holds.get(call.appliance);
    if (!limits) {
      return 'not_allowed';
    }
    if (this.#isOptedOut(call.appliance, nowMs)) {
      return 'opted_out';
    }
    if (hold && hold.event !== command.event) {
      return 'held';
    }
    const offMs = hold?.isOff ? hold.offMs : call.not_before;
    if (call.until + command.release_jitter_ms - offMs > limits.maxOffMs) {
      return 'too_long';
    }
    const onSince = this.#memory.onSince[call.appliance];
    if (!hold?.isOff && onSince !== undefined && call.not_before < onSince + limits.minOnMs) {
      return 'resting';
    }
    const others = [...this.#holds.values()].filter(
      (one) =>
        one.appliance !== call.appliance && one.offMs < call.until + command.release_jitter_ms && one.onMs > offMs,
    );
    if (others.length >= rules.maxOff) {
      return 'too_many';
    }
    return behaviour?.fails(command.event, call.appliance) ? 'failed' : undefined;
  }

  #hold(call: CommandCall, { event, start_jitter_ms, release_jitter_ms }: Command): void {
    const known = this.#holds.get(call.appliance);
    const onMs = call.until + jitterMs(event, call.appliance, 'release', release_jitter_ms);
    const offMs = call.not_before + jitterMs(event, call.appliance, 'start', start_jitter_ms);
    const share = this.#options.behaviour?.optsOutAt(event);
    this.#holds.set(call.appliance, {
      appliance: call.appliance,
      event,
      offMs: known?.isOff ? known.offMs : offMs,
      onMs,
      isOff: known?.isOff ?? false,
      ...(share !== undefined && { optOutMs: Math.round(offMs + share * (onMs - offMs)) }),
    });
  }

  /** What is withdrawn comes back with jitter, or does not start. */
  #letGo(hold: Hold, nowMs: number, jitter: number): GatewayEffect[] {
    const onMs = Math.min(hold.onMs, nowMs + jitterMs(hold.event, hold.appliance, 'release', jitter));
    if (!hold.isOff || onMs <= nowMs) {
      return this.#release(hold, nowMs);
    }
    this.#holds.set(hold.appliance, { ...hold, onMs });
    return [];
  }

  #release(hold: Hold, nowMs: number): GatewayEffect[] {
    const { appliance, event } = hold;
    this.#holds.delete(appliance);
    if (!hold.isOff) {
      return [];
    }
    this.#memory = {
      ...this.#memory,
      onSince: { ...this.#memory.onSince, [appliance]: nowMs },
      released: { ...this.#memory.released, [appliance]: { event, since: nowMs } },
    };
    return [{ kind: 'switch', appliance, isOn: true }];
  }

  #stop({ seq, issued, release_jitter_ms }: Stop, nowMs: number): GatewayEffect[] {
    const effects = [...this.#holds.values()].flatMap((hold) => this.#letGo(hold, nowMs, release_jitter_ms));
    // A command from before the stop may still be on its way.
    this.#memory = { ...this.#memory, lastStop: seq, stoppedMs: Math.max(this.#memory.stoppedMs, issued) };
    return [...effects, this.#remember(), this.#state(nowMs)];
  }

  #isOptedOut(appliance: string, nowMs: number): boolean {
    return this.#memory.optOuts.some(
      (one) => (one.appliance ?? appliance) === appliance && (one.until ?? Infinity) > nowMs,
    );
  }

  #refuse(bytes: Buffer, nowMs: number, reason: CommandRefusal, command?: Command): GatewayEffect {
    const { house } = this.#options;
    return this.#publish({
      type: 'refusal',
      version: 1,
      house,
      at: nowMs,
      reason,
      digest: digestOf(bytes),
      ...(command && { event: command.event, seq: command.seq }),
    });
  }

  #optOuts(nowMs: number): OptOuts {
    const optouts = this.#memory.optOuts.filter(({ until }) => (until ?? Infinity) > nowMs);
    this.#memory = { ...this.#memory, optOuts: optouts };
    return { type: 'optouts', version: 1, house: this.#options.house, at: nowMs, optouts: [...optouts] };
  }

  #state(nowMs: number): GatewayEffect {
    const off = [...this.#holds.values()]
      .filter(({ isOff }) => isOff)
      .map(({ appliance, event, offMs }) => ({ appliance, event, state: 'off' as const, since: offMs }));
    const held = new Set(off.map(({ appliance }) => appliance));
    const released = Object.entries(this.#memory.released)
      .filter(([appliance]) => !held.has(appliance))
      .map(([appliance, { event, since }]) => ({ appliance, event, state: 'released' as const, since }));
    const state: HouseState = {
      type: 'state',
      version: 1,
      house: this.#options.house,
      at: nowMs,
      seq: this.#memory.lastSeq,
      is_clock_synchronised: this.#isSynchronised,
      appliances: [...off, ...released],
    };
    return this.#publish(state);
  }

  #remember(): GatewayEffect {
    return { kind: 'remember', memory: this.#memory };
  }

  #publish(report: Report): GatewayEffect {
    const kind = report.type === 'optouts' ? 'optout' : report.type === 'state' ? 'state' : 'ack';
    return {
      kind: 'publish',
      publication: {
        topic: houseTopic(this.#options.house, kind),
        payload: reportText(report),
        ...(kind !== 'ack' && { retain: true }),
      },
    };
  }
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
