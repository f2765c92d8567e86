/** What a rehearsal consists of: named checks, each of which either passes or says why it does not. */
import type { Environment } from './environment.ts';

/** An expectation that does not hold: one line for the user. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
}

export interface Check {
  /** For `--only`; kebab case. */
  readonly name: string;
  /** What holds once it has passed, as a sentence. */
  readonly expectation: string;
  /** Names of the checks that must have been run before. Default: none. */
  readonly after?: readonly string[];
  /**
   * @returns what was seen, in a few words for the report.
   * @throws CheckError, CdkError.
   */
  readonly run: (environment: Environment, signal: AbortSignal) => Promise<string>;
}

export interface Outcome {
  readonly name: string;
  readonly expectation: string;
  readonly verdict: 'passed' | 'failed' | 'skipped';
  /** What was seen, or why it failed. */
  readonly detail: string;
  readonly seconds: number;
}

/**
 * The checks to run: the wanted ones and all that they need, in order, each as often as `repeat` says by its name, else once.
 *
 * @throws CheckError that names an unknown check.
 */
export function selectChecks(
  all: readonly Check[],
  wanted: readonly string[] | undefined,
  repeat: ReadonlyMap<string, number> = new Map(),
): Check[] {
  const find = (name: string): Check => {
    const check = all.find((candidate) => candidate.name === name);
    if (!check) {
      throw new CheckError(`there is no check ${name}: choose from ${all.map((known) => known.name).join(', ')}`);
    }
    return check;
  };
  const needed = new Set<string>();
  const need = (name: string): void => {
    find(name).after?.forEach(need);
    needed.add(name);
  };
  (wanted ?? all.map(({ name }) => name)).forEach(need);
  [...repeat.keys()].forEach(find);
  return all
    .filter(({ name }) => needed.has(name))
    .flatMap((check) => Array<Check>(repeat.get(check.name) ?? 1).fill(check));
}

/** Runs checks in order; what needs a check that failed is skipped. */
export async function runChecks(
  checks: readonly Check[],
  environment: Environment,
  signal: AbortSignal,
  report: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const check of checks) {
    const { name, expectation } = check;
    const missing = check.after?.find((needed) =>
      outcomes.some((outcome) => outcome.name === needed && outcome.verdict !== 'passed'),
    );
    const startedMs = Date.now();
    let verdict: Outcome['verdict'] = 'skipped';
    let detail = missing === undefined ? 'stopped' : `needs ${missing}`;
    if (missing === undefined && !signal.aborted) {
      try {
        detail = await check.run(environment, signal);
        verdict = 'passed';
      } catch (error) {
        verdict = 'failed';
        detail = error instanceof Error ? error.message : String(error);
      }
    }
    const outcome = { name, expectation, verdict, detail, seconds: Math.round((Date.now() - startedMs) / 100) / 10 };
    outcomes.push(outcome);
    report(outcome);
  }
  return outcomes;
}
