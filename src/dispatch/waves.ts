/**
 * When appliances are off within an event. An event is cut into waves, each of which must reach the target with what is
 * off then. Appliances that may be off for the whole event are called at its start. Of the others, thermostatic ones are
 * called once, in the event's last minutes: rotating them within an event leaves next to no relief, as those that come
 * back repay at once. Deferrable and discretionary ones carry the time before, one after another.
 */
import type { Shedding } from '../core/appliances/registry.ts';
import type { Policy } from './policy.ts';

/** When an appliance that is called in a wave is off, minutes from the event's start, without jitter. */
export interface Call {
  readonly startMin: number;
  /** It is released from here on, at random within the release jitter. */
  readonly untilMin: number;
  /** Until here it counts: the jitter is over, or the event is. */
  readonly endMin: number;
}

export interface Wave {
  readonly startMin: number;
  readonly endMin: number;
}

/**
 * An event's waves, in order and without gaps. A wave begins where thermostatic appliances of some maximum come in, or
 * where others that were called before come back.
 *
 * @param kinds that are in the pool.
 */
export function wavesOf(durationMin: number, kinds: readonly Shedding[]): Wave[] {
  const limits = (of: 'thermostatic' | 'others'): number[] => [
    ...new Set(
      kinds
        .filter((kind) => (kind.class === 'thermostatic') === (of === 'thermostatic'))
        .map(({ maxOffMin }) => maxOffMin)
        .filter((maxOffMin) => maxOffMin < durationMin),
    ),
  ];
  const starts = new Set([0, ...limits('thermostatic').map((maxOffMin) => durationMin - maxOffMin)]);
  // An appliance that is called at a start is back after its maximum: the next one starts then.
  for (const start of starts) {
    for (const maxOffMin of limits('others')) {
      if (start + maxOffMin < durationMin) {
        starts.add(start + maxOffMin);
      }
    }
  }
  const ordered = [...starts].sort((a, b) => a - b);
  return ordered.map((startMin, index) => ({ startMin, endMin: ordered[index + 1] ?? durationMin }));
}

/** When an appliance of a kind is off if it is called in a wave; undefined when it can't be called then. */
export function callOf(kind: Shedding, wave: Wave, durationMin: number, policy: Policy): Call | undefined {
  const { startMin } = wave;
  const lasts = kind.maxOffMin >= durationMin;
  if (kind.class === 'thermostatic' && startMin !== (lasts ? 0 : durationMin - kind.maxOffMin)) {
    return undefined;
  }
  const endMin = Math.min(durationMin, startMin + kind.maxOffMin);
  // The release jitter comes out of the maximum, never on top of it.
  const untilMin = Math.min(endMin, startMin + kind.maxOffMin - policy.releaseJitterMin);
  return untilMin > startMin ? { startMin, untilMin, endMin } : undefined;
}

/**
 * The share of a call's power that counts as relief over the call: less what the start's jitter and an early release
 * lose, and what comes back at once after an early release.
 *
 * @param delayMin by how much the start is delayed to keep the ramp, minutes.
 */
export function useOf(call: Call, kind: Shedding, policy: Policy, delayMin = 0): number {
  const { startMin, untilMin, endMin } = call;
  const early = untilMin < endMin ? endMin - untilMin - policy.releaseJitterMin / 2 : 0;
  const off = endMin - startMin - early - policy.startJitterMin / 2 - delayMin;
  return Math.max(0, (off - kind.reboundShare * early) / (endMin - startMin));
}
