/**
 * The random hold-out: some of those that would be called are not, so that what they draw corrects the counterfactual. It
 * is drawn from the event's id, so that the same plan holds out the same.
 */
import { createHash } from 'node:crypto';

/** How many to hold out of so many. */
export function holdOutSize(
  chosen: number,
  { share, least }: { readonly share: number; readonly least: number },
): number {
  return chosen === 0 ? 0 : Math.max(least, Math.ceil(share * chosen));
}

/**
 * Draws from candidates, each as likely as any other.
 *
 * @param idOf the candidate's id: what it is called in makes no difference to what is drawn.
 */
export function drawHoldOut(
  eventId: string,
  candidates: readonly number[],
  size: number,
  idOf: (at: number) => string,
) {
  const seed = createHash('sha256').update(`hold-out:${eventId}`).digest().readUInt32BE(0);
  const ranked = candidates.map((at) => ({ at, rank: mixed(seed, idOf(at)) }));
  ranked.sort((a, b) => a.rank - b.rank || a.at - b.at);
  return ranked.slice(0, size).map(({ at }) => at);
}

/** A 32-bit hash (FNV-1a with the finaliser of MurmurHash3): even enough for a draw, and cheap for ten thousand ids. */
function mixed(seed: number, text: string): number {
  let hash = seed ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
