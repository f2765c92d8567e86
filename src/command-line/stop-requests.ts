import { onOutputLost } from './output-errors.ts';

/**
 * Calls `stop` when the process is asked to end: by a signal or, if wanted, by the end of its standard input, so that it
 * doesn't outlive a parent that was killed. A reader of its standard output that has gone is such a request as well.
 */
export function stopOnRequest(stop: (reason: 'signal' | 'stdin') => void, untilStdinCloses: boolean): void {
  onOutputLost(() => stop('signal'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => stop('signal'));
  }
  if (!untilStdinCloses) {
    return;
  }
  process.stdin.on('end', () => stop('stdin')).on('error', () => stop('stdin'));
  process.stdin.resume();
}
