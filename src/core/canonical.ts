/** One text per value, whatever order its fields were set in, and its fingerprint. */
import { createHash } from 'node:crypto';

/**
 * JSON with the fields of objects in the order of their UTF-16 code units, without white space; undefined fields are left
 * out (as RFC 8785 has it).
 *
 * @throws RangeError for what JSON has no text for, such as NaN or a function.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      throw new RangeError(`JSON has no text for ${value}`);
    }
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonicalJson).join(',')}]`;
  }
  if (typeof value !== 'object') {
    throw new RangeError(`JSON has no text for a ${typeof value}`);
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}

/** SHA-256 of the canonical text, hexadecimal. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
