/** Waits until an instant of the wall clock, ms since the epoch, or until aborted. */
export function pauseUntil(untilMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(1, untilMs - Date.now()));
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
