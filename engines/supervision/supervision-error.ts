/** A process that can't be started, or won't stay up: one line that says which, why, and where its log is. */
export class SupervisionError extends Error {
  override readonly name = 'SupervisionError';
}
