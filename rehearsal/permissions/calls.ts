import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

const callSchema = z.object({
  /** The role's name in the account. */
  role: z.string(),
  /** As policies have it, e.g. `s3:GetObject`. */
  action: z.string(),
  /** An ARN; with a `*` as far as the emulator can't tell it from the request. */
  resource: z.string(),
  /** What the role's policies say: rehearsal/emulator/emulator/permissions.py. */
  decision: z.enum(['allowed', 'assumed', 'denied']),
});

export type Call = z.output<typeof callSchema>;

/**
 * The calls that roles have made so far, each combination of role, action, resource and decision once.
 *
 * @param logs the rehearsal's folder of logs.
 */
export async function readCalls(logs: string): Promise<readonly Call[]> {
  const text = await readFile(join(logs, 'calls.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => callSchema.parse(JSON.parse(line)));
}
