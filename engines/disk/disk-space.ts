import { mkdir, statfs } from 'node:fs/promises';

/** What a run of an hour at 10,000 readings/s leaves behind in Kafka and Druid, and some room for their merges. */
export const STATE_BYTES = 3e9;

/**
 * Engines fail in many strange ways on a full disk, so it is said before they start.
 *
 * @param directory made if it isn't there.
 * @param remedy what the user can do, e.g. "use another --state".
 * @throws Error with one line when less than `bytes` are free.
 */
export async function mustHaveSpace(directory: string, bytes: number, remedy: string): Promise<void> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw new Error(
      `${directory} can't be made (${error instanceof Error ? error.message : String(error)}): ${remedy}`,
    );
  });
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize >= bytes) {
    return;
  }
  const gigabytes = (value: number): string => `${(value / 1e9).toFixed(1)} GB`;
  throw new Error(
    `${directory} has ${gigabytes(bavail * bsize)} free, and ${gigabytes(bytes)} are needed: make room, or ${remedy}`,
  );
}
