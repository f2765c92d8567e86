/**
 * The dispatcher: brings together the book of events, the log that keeps it, the link to the houses and the planner. One
 * step at a time: decided, kept, accepted, and only then carried out.
 *
 * It ends when the log fails, since nobody knows then what is kept: whoever runs it starts it again, and it goes on from
 * what the log gives. Meanwhile houses release by their own timers.
 */
import { after } from '../../core/clock/timers.ts';
import type { OptOuts, Report, ReportFault } from '../../core/shed/reports.ts';
import { type BookInput, EventBook } from '../book/book.ts';
import { type BookDecision, type BookStep, type IgnoredReport, isStored } from '../book/book-step.ts';
import type { DispatchPolicy } from '../event/dispatch-policy.ts';
import { EventActionError, UnknownEventError } from '../event/inputs.ts';
import type { EventRequest, ShedEvent } from '../event/shed-event.ts';
import type { EventLog } from '../log/event-log.ts';
import type { Plan } from '../plan.ts';
import type { HouseLink, HouseLinkHandlers } from './house-link.ts';
import type { Planning, Taken } from './planning.ts';

/** The wall clock, and waiting by it. */
export interface DispatchClock {
  now(): number;
  /** Calls back once, `ms` from now. @returns ends the wait. */
  after(ms: number, callback: () => void): () => void;
}

export const WALL_CLOCK: DispatchClock = { now: () => Date.now(), after };

export interface DispatcherOptions {
  readonly log: EventLog;
  readonly openLink: (handlers: HouseLinkHandlers) => Promise<HouseLink>;
  readonly planning: Planning;
  readonly policy: DispatchPolicy;
  readonly clock: DispatchClock;
  /** How long houses may take to release at random after a stop of all, wall-clock ms. */
  readonly stopJitterMs: number;
  /** What goes wrong and stops nothing. */
  readonly onTrouble?: (message: string) => void;
}

/** What it has done since it was started. */
export interface DispatcherFigures {
  readonly steps: number;
  /** Sent, repetitions included. */
  readonly commands: number;
  readonly reports: number;
  /** Messages that are no report, by reason. */
  readonly faults: Readonly<Partial<Record<ReportFault, number>>>;
  /** Reports that concern no open event, by reason. */
  readonly ignored: Readonly<Partial<Record<IgnoredReport, number>>>;
}

/** The dispatcher takes nothing any more: start it again. */
export class DispatcherEndedError extends Error {
  override readonly name = 'DispatcherEndedError';
}

interface Job {
  readonly inputs: readonly BookInput[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Reports that are taken in one step: what waits when the log is slow. */
const BATCH_REPORTS = 1_000;
/** A clock that is set changes when something is due: looked at this often while an event is open, ms. */
const LOOK_MS = 1_000;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #book: EventBook;
  #link: HouseLink | undefined;
  readonly #jobs: Job[] = [];
  #reports: Report[] = [];
  #isTickDue = false;
  #cancelTick = (): void => undefined;
  #running: Promise<void> | undefined;
  #isEnded = false;
  #end: (error?: Error) => void = () => undefined;
  readonly #steps = { steps: 0, commands: 0, reports: 0 };
  readonly #faults: Partial<Record<ReportFault, number>> = {};
  readonly #ignored: Partial<Record<IgnoredReport, number>> = {};

  /** Resolves when it was closed. Rejects with what has ended it otherwise: start it again. */
  readonly ended = new Promise<void>((resolve, reject) => {
    this.#end = (error) => (error ? reject(error) : resolve());
  });

  private constructor(options: DispatcherOptions, book: EventBook) {
    this.#options = options;
    this.#book = book;
  }

  /** Takes over from whoever ran before: goes on with every event. @throws EventLogError, MqttError. */
  static async start(options: DispatcherOptions): Promise<Dispatcher> {
    const dispatcher = new Dispatcher(options, new EventBook(options.policy, await options.log.open()));
    // Whoever starts it may look at its end later.
    dispatcher.ended.catch(() => undefined);
    try {
      dispatcher.#link = await options.openLink({
        onReport: (report) => dispatcher.#receive(report),
        onFault: (fault) => {
          dispatcher.#faults[fault] = (dispatcher.#faults[fault] ?? 0) + 1;
        },
        ...(options.onTrouble && { onTrouble: options.onTrouble }),
      });
      await dispatcher.#ask({ kind: 'restored' });
    } catch (error) {
      await dispatcher.close();
      throw error;
    }
    return dispatcher;
  }

  get figures(): DispatcherFigures {
    return { ...this.#steps, faults: { ...this.#faults }, ignored: { ...this.#ignored } };
  }

  events(): readonly ShedEvent[] {
    return this.#book.events();
  }

  event(id: string): ShedEvent | undefined {
    return this.#book.event(id);
  }

  /** Opt-outs that hold, by house. */
  optOuts(): readonly OptOuts[] {
    const nowMs = this.#options.clock.now();
    return this.#book.optOuts().flatMap((report) => {
      const optouts = report.optouts.filter(({ until }) => (until ?? Infinity) > nowMs);
      return optouts.length > 0 ? { ...report, optouts } : [];
    });
  }

  /** A plan, and nothing else: nothing is kept or sent. @throws RequestError for what may not be asked for. */
  async tryPlan(request: EventRequest): Promise<Plan> {
    return (await this.#options.planning.plan(plannerRequest(request), this.#taken())).plan;
  }

  /** Proposes an event and plans it. Somebody has to start it. @throws RequestError, EventActionError. */
  async propose(request: EventRequest): Promise<Plan> {
    const made = await this.#options.planning.plan(plannerRequest(request), this.#taken());
    const { id, requestedBy } = request;
    await this.#ask(
      { kind: 'propose', request },
      { kind: 'tell', event: id, input: { kind: 'plan', by: requestedBy, plan: made.onClock } },
    );
    return made.plan;
  }

  /** @throws EventActionError when the event does not exist, or its phase does not allow it. */
  start(event: string, by: string): Promise<void> {
    return this.#ask({ kind: 'tell', event, input: { kind: 'start', by } });
  }

  /** As {@link Dispatcher.start}. */
  cancel(event: string, by: string, reason: string): Promise<void> {
    return this.#ask({ kind: 'tell', event, input: { kind: 'cancel', by, reason } });
  }

  /** Another target or length of a running event. @throws RequestError, EventActionError. */
  async modify(id: string, by: string, asked: { readonly targetW?: number; readonly minutes?: number }): Promise<void> {
    const event = this.#book.event(id);
    if (!event) {
      throw new UnknownEventError(id);
    }
    const { targetW = event.targetW, minutes = event.minutes } = asked;
    const change = await this.#options.planning.change(event, { targetW, minutes }, this.#taken(event));
    await this.#ask({ kind: 'tell', event: id, input: { kind: 'modify', by, change } });
  }

  /**
   * Everything on again, with one message to all houses: sent at once, whatever the log and the planner do. Resolves when
   * it is kept as well, and every event has ended.
   */
  async stopAll(by: string, reason: string): Promise<void> {
    const input: BookInput = { kind: 'stop-all', by, reason, releaseJitterMs: this.#options.stopJitterMs };
    const { stop } = this.#book.decide([input], this.#options.clock.now());
    if (stop && this.#link) {
      this.#watch(this.#link.stop(stop));
    }
    // A step that is being kept may send commands after this; they are older than the stop, so houses refuse them.
    await this.#ask(input);
  }

  /** Ends after the step that is under way. Houses release by their own timers. */
  async close(): Promise<void> {
    this.#isEnded = true;
    this.#cancelTick();
    this.#refuseJobs(new DispatcherEndedError('the dispatcher is closed'));
    await this.#running;
    await this.#link?.close();
    await this.#options.log.close();
    this.#end();
  }

  #receive(report: Report): void {
    this.#steps.reports += 1;
    this.#reports.push(report);
    this.#work();
  }

  #ask(...inputs: BookInput[]): Promise<void> {
    if (this.#isEnded) {
      return Promise.reject(new DispatcherEndedError('the dispatcher is closed'));
    }
    return new Promise((resolve, reject) => {
      this.#jobs.push({ inputs, resolve, reject });
      this.#work();
    });
  }

  #work(): void {
    if (!this.#running && !this.#isEnded) {
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        // What came while it ended.
        if (this.#jobs.length > 0 || this.#reports.length > 0 || this.#isTickDue) {
          this.#work();
        }
      });
    }
  }

  async #run(): Promise<void> {
    try {
      // Events that come in the same turn go into the same step.
      await Promise.resolve();
      while (!this.#isEnded) {
        const job = this.#jobs.shift();
        if (job) {
          await this.#serve(job);
        } else if (this.#reports.length > 0 || this.#isTickDue) {
          this.#isTickDue = false;
          const reports = this.#reports.splice(0, BATCH_REPORTS);
          await this.#step([...reports.map((report): BookInput => ({ kind: 'report', report })), { kind: 'tick' }]);
        } else {
          break;
        }
      }
      this.#wait();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** @throws Error when the log fails; what an event does not allow is the asker's. */
  async #serve({ inputs, resolve, reject }: Job): Promise<void> {
    try {
      await this.#step(inputs);
      resolve();
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
      if (!(error instanceof EventActionError)) {
        throw error;
      }
    }
  }

  async #step(inputs: readonly BookInput[]): Promise<void> {
    const step = this.#book.decide(inputs, this.#options.clock.now());
    if (isStored(step)) {
      await this.#options.log.append(step);
      this.#steps.steps += 1;
    }
    this.#book.accept(step);
    this.#count(step);
    for (const decision of step.decisions) {
      this.#carryOut(decision);
    }
  }

  #count({ ignored }: BookStep): void {
    for (const [reason, count] of ignored) {
      this.#ignored[reason] = (this.#ignored[reason] ?? 0) + count;
    }
  }

  #carryOut(decision: BookDecision): void {
    switch (decision.kind) {
      case 'command':
        this.#steps.commands += 1;
        this.#watch(this.#link?.send(decision.command));
        break;
      case 'stop':
        this.#watch(this.#link?.stop(decision.stop));
        break;
      case 'replace':
        this.#replace(decision.event, decision.lostW);
        break;
    }
  }

  #replace(id: string, lostW: number): void {
    const event = this.#book.event(id);
    if (!event) {
      return;
    }
    const answer = async (): Promise<void> => {
      const calls = await this.#options.planning.replace(event, lostW, this.#taken(event)).catch((error: unknown) => {
        // The event goes on with those that it has.
        this.#trouble(error);
        return [];
      });
      await this.#ask({ kind: 'tell', event: id, input: { kind: 'replacement', calls } });
    };
    this.#watch(answer());
  }

  /** @param event whose own appliances are not asked again, whatever became of them. */
  #taken(event?: ShedEvent): Taken {
    const held = new Set(this.#book.held().keys());
    for (const { calls } of Object.values(event?.houses ?? {})) {
      for (const id of Object.keys(calls)) {
        held.add(id);
      }
    }
    const nowMs = this.#options.clock.now();
    return {
      held,
      isOptedOut: (houseId, applianceId) =>
        event?.optedOut.houses.includes(houseId) === true ||
        event?.optedOut.appliances.includes(applianceId) === true ||
        (this.#book.optOutsOf(houseId)?.optouts ?? []).some(
          (one) => (one.appliance ?? applianceId) === applianceId && (one.until ?? Infinity) > nowMs,
        ),
    };
  }

  #wait(): void {
    this.#cancelTick();
    const { nextMs } = this.#book;
    if (nextMs < Infinity && !this.#isEnded) {
      const waitMs = Math.min(LOOK_MS, Math.max(0, nextMs - this.#options.clock.now()));
      this.#cancelTick = this.#options.clock.after(waitMs, () => {
        this.#isTickDue = true;
        this.#work();
      });
    }
  }

  /** What fails on its way is asked for again by the event's own deadlines. */
  #watch(work: Promise<void> | undefined): void {
    work?.catch((error: unknown) => this.#trouble(error));
  }

  #trouble(error: unknown): void {
    this.#options.onTrouble?.(error instanceof Error ? error.message : String(error));
  }

  #refuseJobs(error: Error): void {
    for (const { reject } of this.#jobs.splice(0)) {
      reject(error);
    }
  }

  #fail(error: Error): void {
    this.#isEnded = true;
    this.#cancelTick();
    this.#refuseJobs(error);
    this.#end(error);
    this.#watch(this.#link?.close());
    this.#watch(this.#options.log.close());
  }
}

const plannerRequest = ({ id, feeder, targetW, minutes, confirmedBy }: EventRequest) => ({
  eventId: id,
  feeder,
  targetW,
  minutes,
  ...(confirmedBy !== null && { confirmedBy }),
});
