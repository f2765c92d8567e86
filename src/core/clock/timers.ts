/**
 * Every wait of the project, whatever its length.
 *
 * A timer of Node holds its delay as a signed 32-bit number: a longer one fires after 1 ms, with a warning
 * (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). So a long wait is a row of timers here, and
 * nothing else in the project calls `setTimeout` (eslint.config.mjs).
 */

/** The longest delay of a single timer, ms: 24.8 days. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls `callback` once, `ms` from now.
 *
 * @param ms may be as long as it likes; `Infinity` is never, 0 or less is as soon as possible.
 * @returns ends the wait; does nothing after the call.
 */
export function after(ms: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    const partMs = Math.min(leftMs, LONGEST_TIMER_MS);
    timer = setTimeout(() => (leftMs > partMs ? wait(leftMs - partMs) : callback()), partMs);
  };
  wait(Math.max(0, ms));
  return () => clearTimeout(timer);
}

/**
 * Resolves `ms` from now, or at once when `signal` aborts: look at the signal afterwards.
 *
 * @param ms as in {@link after}.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = after(ms, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}
