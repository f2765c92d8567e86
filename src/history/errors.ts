/** Why a slot could not be made: one line that says what is wrong, where, and what to do about it. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

/** An error in one line. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, '; ');
}
