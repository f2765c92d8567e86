import { after, sleep } from './timers.ts';

/** What was waited for did not come in time. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError';
}

export interface Wait {
  /** From the end of one look to the next, ms. Default: 20. */
  readonly intervalMs?: number;
  /** How long it may take, ms. Default: no limit. */
  readonly timeoutMs?: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** What is thrown when the time is up. Default: a WaitTimeoutError. */
  readonly otherwise?: () => Error;
}

/**
 * Looks again and again until there is something to see.
 *
 * @param look gives what was waited for, or false as long as it is not there.
 * @throws what `look` throws, what `otherwise` gives, or the reason of `signal`; a look that hangs does not hold it up.
 */
export function until<Seen>(
  look: () => Seen | false | Promise<Seen | false>,
  { intervalMs = 20, timeoutMs = Infinity, signal, otherwise }: Wait = {},
): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const ended = new AbortController();
    const end = (settle: () => void): void => {
      ended.abort();
      cancel();
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const fail = (error: unknown): void =>
      end(() => reject(error instanceof Error ? error : new Error(String(error), { cause: error })));
    const onAbort = (): void => fail(signal?.reason);
    const cancel =
      timeoutMs === Infinity
        ? () => undefined
        : after(timeoutMs, () => fail(otherwise?.() ?? new WaitTimeoutError(`it did not come within ${timeoutMs} ms`)));
    const looking = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        const seen = await look();
        if (seen !== false) {
          end(() => resolve(seen));
          return;
        }
        await sleep(intervalMs, ended.signal);
      }
    };
    if (signal?.aborted) {
      onAbort();
      return;
    }
    signal?.addEventListener('abort', onAbort, { once: true });
    looking().catch(fail);
  });
}
