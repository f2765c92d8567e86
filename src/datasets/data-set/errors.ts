/**
 * A data set that can't be read, in one line for the person who named it: what is wrong, where, and what to do.
 * Programs print the message as it is and end with status 1.
 */
export class DataSetError extends Error {
  override readonly name = 'DataSetError';
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return Error.isError(error) ? error.message : String(error);
}
