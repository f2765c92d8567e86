/** The code of a system error, e.g. `ENOENT`; undefined for anything else that was thrown. */
export function codeOf(error: unknown): unknown {
  return Error.isError(error) && 'code' in error ? error.code : undefined;
}
