/** How long the duty-cycle job's batches are: what a batch costs beside its readings goes by their number. */
import { SLIDES_PER_WINDOW } from '../../src/core/clock/grid-clock.ts';

export interface Batching {
  /** Readings per second of the clock that an appliance sends. */
  readonly hz: number;
  /** From the start of a batch to the next, seconds. */
  readonly batchSeconds: number;
  /** From the start of a window to the next, ms of the clock. */
  readonly slideMs: number;
}

/**
 * How many windows of one appliance a batch looks up, on average: those that hold one of its readings, each once however
 * many readings it holds.
 */
export function windowsPerBatch({ hz, batchSeconds, slideMs }: Batching): number {
  const readings = hz * batchSeconds;
  return Math.min(readings * SLIDES_PER_WINDOW, SLIDES_PER_WINDOW + (batchSeconds * 1_000) / slideMs);
}

/** Steps that a person would choose, seconds. */
const LENGTHS = [1, 2, 5, 10, 20, 30] as const;

/**
 * The shortest batches whose windows cost less than their readings, or than a core. None is longer than a slide: duty
 * cycles would come late without need.
 *
 * @param cores what readings and windows cost when a batch has this length, cores.
 */
export function batchSeconds(
  slideMs: number,
  cores: (seconds: number) => { readings: number; windows: number },
): number {
  const lengths = LENGTHS.filter((seconds) => seconds === 1 || seconds * 1_000 <= slideMs);
  const isCheap = (seconds: number): boolean => {
    const { readings, windows } = cores(seconds);
    return windows <= Math.max(1, readings);
  };
  return lengths.find(isCheap) ?? lengths.at(-1) ?? 1;
}
