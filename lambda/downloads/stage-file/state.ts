import { z } from 'zod';

/** How far the transfer of one file has come: what a call of the function leaves to the next. */
export const stateSchema = z.object({
  /** Of which request: CloudFormation's next one begins from nothing. */
  request: z.string(),
  /** Index of the address that is being read. */
  source: z.int().min(0),
  /** Failures since something last arrived. */
  failures: z.int().min(0),
  /** Why each address before this one was given up, and what last went wrong with this one. */
  problems: z.array(z.string()),
  /** The multipart upload under way. */
  upload: z
    .object({
      id: z.string(),
      size: z.int().min(0),
      version: z.string().optional(),
    })
    .optional(),
});

export type State = z.output<typeof stateSchema>;
