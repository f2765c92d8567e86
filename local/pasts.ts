/** What of the past a run replays before it is live. */
import { parseDuration } from '../src/core/clock/duration.ts';
import { gaps, type Span } from '../src/replay/spans.ts';
import { DEFAULT_RANGE_MS } from '../src/superset/settings.ts';
import type { GridOptions } from './options.ts';
import type { LocalState } from './state.ts';

/** Playbacks `from` to `to` - 1, and how much of their past is wanted. */
export interface Past {
  readonly from: number;
  readonly to: number;
  /** Wall-clock ms; 0: none. */
  readonly ms: number;
  /** Spans in which one of them has readings already: none of them gets more there. */
  readonly filled: readonly Span[];
}

export interface Pasts {
  /** Of the first playback: long, for what history looks back on. */
  readonly first: Past;
  /** Of all others: what the dashboard shows at first, so that its trend does not jump when the run goes live. */
  readonly others: Past;
}

/** What of the past is wanted, and what of it the state folder notes as there. */
export function pastsOf(
  { from, to, speed, backfill }: Pick<GridOptions, 'from' | 'to' | 'speed' | 'backfill'>,
  local: Pick<LocalState, 'spansOf'>,
): Pasts {
  const ms = parseDuration(backfill) / speed;
  const past = (range: Pick<Past, 'from' | 'to' | 'ms'>): Past => ({ ...range, filled: local.spansOf(range) });
  return {
    first: past({ from, to: from + 1, ms }),
    others: past({ from: from + 1, to, ms: from + 1 < to ? Math.min(ms, DEFAULT_RANGE_MS) : 0 }),
  };
}

/** The whole seconds of a past that the run filled, which began to replay at `startedMs` and was live from `liveFromMs`. */
export function filledBy({ ms, filled }: Past, startedMs: number, liveFromMs: number): Span[] {
  if (ms === 0) {
    return [];
  }
  return gaps({ fromMs: Math.floor((startedMs - ms) / 1_000) * 1_000, toMs: liveFromMs }, filled);
}
