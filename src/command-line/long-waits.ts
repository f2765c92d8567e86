import { EventEmitter } from 'node:events';

/**
 * Lets a program wait for long without a warning on standard error: p-wait-for adds a listener to a signal of its own
 * with every look, which Node takes for a leak after the tenth. They go with the signal when the wait is over.
 */
export function allowLongWaits(): void {
  EventEmitter.defaultMaxListeners = 0;
}
