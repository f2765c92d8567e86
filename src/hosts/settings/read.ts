import type { z } from 'zod';

/** Settings that can't be used; its message names each of them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * The settings of a host, from the environment of its programs. Settings that the shape does not name are left alone.
 *
 * @throws SettingsError
 */
export function readSettings<S extends z.ZodType>(shape: S, environment: unknown): z.output<S> {
  const parsed = shape.safeParse(environment);
  if (parsed.success) {
    return parsed.data;
  }
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new SettingsError(`wrong settings in /etc/igrid/settings: ${problems.join('; ')}`);
}
