let ignored = false;

/**
 * Keeps Node from reporting timers that were due before they were set: kafkajs sets one with each connection, and
 * nothing is wrong. https://github.com/tulios/kafkajs/issues/1751
 */
export function ignoreOverdueTimers(): void {
  if (ignored) {
    return;
  }
  ignored = true;
  const report = process.emitWarning.bind(process) as (warning: string | Error, ...options: unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...options: unknown[]): void => {
    if (options[0] !== 'TimeoutNegativeWarning') {
      report(warning, ...options);
    }
  };
}
