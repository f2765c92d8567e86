/** Text that people wrote, in whatever encoding their editor has. */
import { TextDecoder } from 'node:util';

/**
 * UTF-8 with or without a mark, UTF-16 with one; else Latin-1, as of old loggers: nearly no Latin-1 text with letters
 * beyond ASCII is valid UTF-8.
 */
export function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    return new TextDecoder('utf-16le').decode(bytes);
  }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return new TextDecoder('utf-16be').decode(bytes);
  }
  try {
    // The decoder leaves out a mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
