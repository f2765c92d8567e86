/**
 * Devices start and release at random within the jitter of a command, so that nothing switches at once. The random part
 * follows from the event and the appliance: dispatcher, gateway and tests agree on it, and a command that is modified or
 * repeated keeps it.
 */
import { createHash } from 'node:crypto';

/** @param maxMs the command's jitter. @returns whole ms from 0 to `maxMs`. */
export function jitterMs(event: string, appliance: string, side: 'start' | 'release', maxMs: number): number {
  const digest = createHash('sha256').update(`${event}\n${appliance}\n${side}`).digest();
  return Math.floor((digest.readUInt32BE(0) / 2 ** 32) * (maxMs + 1));
}
