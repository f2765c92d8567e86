/**
 * The ledger of past calls: who was off when, in minutes of grid time since any fixed instant. The planner's rules of
 * rest, rounds and minutes read from it, and so does the report on fairness.
 */
import { z } from 'zod';

const DAY_MIN = 24 * 60;
const WEEK_MIN = 7 * DAY_MIN;

const entry = z.strictObject({
  applianceId: z.string(),
  houseId: z.string(),
  startMin: z.number(),
  /** When it was on again. */
  endMin: z.number(),
});
export type LedgerEntry = Readonly<z.infer<typeof entry>>;

/** What the planner asks of an appliance. */
export interface PastCalls {
  /** Since the last call ended, minutes; undefined without one within a week. */
  readonly sinceReleaseMin: number | undefined;
  readonly usedDayMin: number;
  readonly usedWeekMin: number;
}

/** How evenly minutes are spread over those who were called. */
export interface Fairness {
  readonly called: number;
  readonly medianMin: number;
  readonly maxMin: number;
  /** 0 when all were off for the same time, towards 1 when one bears all. */
  readonly gini: number;
}

export class Ledger {
  readonly #byAppliance = new Map<string, LedgerEntry[]>();

  /** @throws RangeError when a call ends before it starts. */
  record(call: LedgerEntry): void {
    if (!(call.endMin >= call.startMin)) {
      throw new RangeError(
        `a call of ${call.applianceId} ends at ${call.endMin}, before its start at ${call.startMin}`,
      );
    }
    const calls = this.#byAppliance.get(call.applianceId);
    if (calls) {
      calls.push(call);
    } else {
      this.#byAppliance.set(call.applianceId, [call]);
    }
  }

  /** At an instant, minutes; of calls that have not ended, what has passed. */
  of(applianceId: string, nowMin: number): PastCalls {
    const calls = this.#byAppliance.get(applianceId) ?? [];
    const offSince = (fromMin: number): number =>
      calls.reduce((sum, { startMin, endMin }) => {
        return sum + Math.max(0, Math.min(endMin, nowMin) - Math.max(startMin, fromMin));
      }, 0);
    const ends = calls.map(({ endMin }) => Math.min(endMin, nowMin)).filter((endMin) => endMin > nowMin - WEEK_MIN);
    return {
      sinceReleaseMin: ends.length === 0 ? undefined : nowMin - Math.max(...ends),
      usedDayMin: offSince(nowMin - DAY_MIN),
      usedWeekMin: offSince(nowMin - WEEK_MIN),
    };
  }

  /** Over all calls that the ledger still has. */
  fairness(): Fairness {
    const minutes = [...this.#byAppliance.values()]
      .map((calls) => calls.reduce((sum, { startMin, endMin }) => sum + endMin - startMin, 0))
      .sort((a, b) => a - b);
    const total = minutes.reduce((sum, value) => sum + value, 0);
    const weighted = minutes.reduce((sum, value, index) => sum + (2 * (index + 1) - minutes.length - 1) * value, 0);
    return {
      called: minutes.length,
      medianMin: minutes[Math.floor((minutes.length - 1) / 2)] ?? 0,
      maxMin: minutes.at(-1) ?? 0,
      gini: total > 0 ? weighted / (minutes.length * total) : 0,
    };
  }

  /** Forgets calls that ended more than a week before an instant: no rule asks for them. */
  forget(nowMin: number): void {
    for (const [id, calls] of this.#byAppliance) {
      const recent = calls.filter(({ endMin }) => endMin > nowMin - WEEK_MIN);
      if (recent.length > 0) {
        this.#byAppliance.set(id, recent);
      } else {
        this.#byAppliance.delete(id);
      }
    }
  }

  toJSON(): LedgerEntry[] {
    return [...this.#byAppliance.values()].flat();
  }

  /** @throws ZodError when it is not what {@link toJSON} gave. */
  static from(content: unknown): Ledger {
    const ledger = new Ledger();
    for (const call of z.array(entry).parse(content)) {
      ledger.record(call);
    }
    return ledger;
  }
}
