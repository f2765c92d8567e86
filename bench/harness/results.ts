/** The file of results: what `npm run bench -- --json FILE` writes, and what sizes, tables and pictures are made from. */
import { readFile, writeFile } from 'node:fs/promises';

import { z } from 'zod';

/** CPU seconds per million of what the case counts. */
const cpuPerMillion = z.object({
  /** Of the program under test. */
  client: z.number().nonnegative(),
  /** Of the engine that it works against, where there is one. */
  engine: z.number().nonnegative().optional(),
});
export type CpuPerMillion = z.infer<typeof cpuPerMillion>;

const byContender = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);

const caseResult = z.object({
  name: z.string(),
  title: z.string(),
  /** Unit of `ours`, `peers` and `spread`. */
  unit: z.string(),
  /** When it was measured, ISO 8601. */
  date: z.iso.datetime(),
  /** How many runs each figure is the median of. */
  rounds: z.int().positive(),
  /** What ours is called. */
  contender: z.string(),
  ours: z.number(),
  peers: byContender(z.number()),
  /** The lowest and the highest run; ours as `ours`, here and below. */
  spread: byContender(z.tuple([z.number(), z.number()])),
  cpu_s_per_million: byContender(cpuPerMillion),
  /** Further figures, their unit at the end of their name. */
  more: byContender(z.record(z.string(), z.number())),
});
export type CaseResult = z.infer<typeof caseResult>;

const machine = z.object({
  cpu: z.string(),
  cores: z.int().positive(),
  memory_gib: z.number().positive(),
  system: z.string(),
  node: z.string(),
});
export type Machine = z.infer<typeof machine>;

const resultsFile = z.object({ machine, cases: z.array(caseResult) });
export type Results = z.infer<typeof resultsFile>;

/** A file that holds no results, or those of another machine. */
export class ResultsError extends Error {
  override readonly name = 'ResultsError';
}

/** @throws ResultsError when the file can't be read or is not one of results. */
export async function readResults(file: string): Promise<Results> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ResultsError(`can't read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = resultsFile.safeParse(content);
  if (!parsed.success) {
    throw new ResultsError(`${file} holds no results: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

/**
 * Results with some of their cases measured again, in the order in which cases first came.
 *
 * @throws ResultsError when they are of two machines, whose figures must not stand in one table.
 */
export function withCases(known: Results | undefined, measured: Results): Results {
  if (known === undefined) {
    return measured;
  }
  const { cpu, cores } = known.machine;
  if (cpu !== measured.machine.cpu || cores !== measured.machine.cores) {
    throw new ResultsError(`the file's results are of another machine (${cores} cores, ${cpu}): name another file`);
  }
  const byName = new Map([...known.cases, ...measured.cases].map((one) => [one.name, one]));
  return { machine: measured.machine, cases: [...byName.values()] };
}

export async function writeResults(file: string, results: Results): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
