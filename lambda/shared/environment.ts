/**
 * A variable that the function's construct sets.
 *
 * @throws Error that names it when it is missing or empty.
 */
export function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`the environment variable ${name} is not set`);
  }
  return value;
}
