import pWaitFor, { TimeoutError } from 'p-wait-for';

import { ProofError } from './proof.ts';

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
 * @throws ProofError, and what `look` throws.
 */
export async function eventually<Seen>(
  look: () => Promise<Seen | false>,
  { timeoutMs, everyMs = 3_000 }: Patience,
  otherwise: () => string,
): Promise<Seen> {
  try {
    return await pWaitFor(
      async () => {
        const seen = await look();
        return seen === false ? false : pWaitFor.resolveWith(seen);
      },
      { interval: everyMs, timeout: timeoutMs },
    );
  } catch (error) {
    if (error instanceof TimeoutError) throw new ProofError(otherwise(), { cause: error });
    throw error;
  }
}
