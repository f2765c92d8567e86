/** An audit trail in a file, to be kept apart from the cluster: one record a line, base64. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

export const trailLine = (record: Buffer): string => `${record.toString('base64')}\n`;

/** The records of a file in order. A line that is not base64 becomes bytes that are no record. @throws Error when it can't be read. */
export async function* recordsOfFile(file: string): AsyncGenerator<Buffer> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    yield Buffer.from(line, 'base64');
  }
}
