/** How often roles have called AWS: rehearsal/emulator/emulator/call_counts.py. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

const countsSchema = z.record(z.string(), z.int().positive());

export interface CallCount {
  /** The role's name in the account. */
  readonly role: string;
  /** As policies have it, e.g. `s3:PutObject`. */
  readonly action: string;
  /** An ARN without what follows its last slash. */
  readonly folder: string;
  readonly calls: number;
}

/**
 * All calls of roles so far, a second old at most.
 *
 * @param logs the rehearsal's folder of logs.
 */
export async function readCallCounts(logs: string): Promise<readonly CallCount[]> {
  const counts = countsSchema.parse(JSON.parse(await readFile(join(logs, 'call-counts.json'), 'utf8')));
  return Object.entries(counts).map(([key, calls]) => {
    const [role = '', action = '', ...folder] = key.split(' ');
    return { role, action, folder: folder.join(' '), calls };
  });
}
