/** What a program does when the reader of its output has gone, or the disk that it prints to is full. */

let onLost: (() => void) | undefined;
let isWatched = false;
let programName = '';

/**
 * Ends the process when standard output can't be written to: quietly when its reader has gone (`| head -1` has all that
 * it wants), after one line on standard error otherwise. Called before anything is printed; again, it changes the name.
 *
 * @param name stands before the line.
 */
export function endWithoutOutput(name: string): void {
  programName = name;
  if (isWatched) {
    return;
  }
  isWatched = true;
  let isLost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isLost) {
      return;
    }
    isLost = true;
    const isClosed = error.code === 'EPIPE';
    if (!isClosed) {
      process.stderr.write(`${programName}: standard output can't be written to: ${error.message}\n`);
    }
    process.exitCode = isClosed ? 0 : 1;
    if (onLost) {
      onLost();
    } else {
      process.exit();
    }
  });
  // There is nothing left to say it on.
  process.stderr.on('error', () => undefined);
}

/** Lets a program that has something to bring in order end itself instead. The exit status is set already. */
export function onOutputLost(end: () => void): void {
  onLost = end;
}
