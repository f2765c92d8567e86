import { until, WaitTimeoutError } from '../src/core/clock/until.ts';
import { CheckError } from './check.ts';

export interface Patience {
  /** How long it may take, ms. */
  readonly timeoutMs: number;
  /** Time between two looks, ms. Default: 3,000. */
  readonly everyMs?: number;
}

/**
 * Looks again and again until there is something to see.
 *
 * @param look gives what was waited for, or false as long as it is not there.
 * @param otherwise what is said if it does not come in time.
 * @throws CheckError, and what `look` throws.
 */
export async function eventually<Seen>(
  look: () => Promise<Seen | false>,
  { timeoutMs, everyMs = 3_000 }: Patience,
  otherwise: () => string,
): Promise<Seen> {
  try {
    return await until(look, { intervalMs: everyMs, timeoutMs });
  } catch (error) {
    if (error instanceof WaitTimeoutError) {
      throw new CheckError(otherwise(), { cause: error });
    }
    throw error;
  }
}
