/** What a rehearsal proves: named steps, each of which either holds or says why it doesn't. */
import type { Stage } from './stage.ts';

/** A claim that a proof found wrong: one line for the user. */
export class ProofError extends Error {
  override readonly name = 'ProofError';
}

export interface Proof {
  /** For `--only`; kebab case. */
  readonly name: string;
  /** What holds once it is proven, as a sentence. */
  readonly claim: string;
  /** Names of the proofs that must have been run before. Default: none. */
  readonly after?: readonly string[];
  /**
   * @returns what was seen, in a few words for the report.
   * @throws ProofError, CdkError.
   */
  readonly run: (stage: Stage, signal: AbortSignal) => Promise<string>;
}

export interface Outcome {
  readonly name: string;
  readonly claim: string;
  readonly verdict: 'proven' | 'failed' | 'skipped';
  /** What was seen, or why it failed. */
  readonly detail: string;
  readonly seconds: number;
}

/**
 * The proofs to run: the wanted ones and all that they need, in order, each as often as `repeat` says by its name, else once.
 *
 * @throws ProofError that names an unknown proof.
 */
export function selectProofs(
  all: readonly Proof[],
  wanted: readonly string[] | undefined,
  repeat: ReadonlyMap<string, number> = new Map(),
): Proof[] {
  const find = (name: string): Proof => {
    const proof = all.find((candidate) => candidate.name === name);
    if (!proof) {
      throw new ProofError(`there is no step ${name}: choose from ${all.map((known) => known.name).join(', ')}`);
    }
    return proof;
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
    .flatMap((proof) => Array<Proof>(repeat.get(proof.name) ?? 1).fill(proof));
}

/** Runs proofs in order; what needs a proof that failed is skipped. */
export async function runProofs(
  proofs: readonly Proof[],
  stage: Stage,
  signal: AbortSignal,
  report: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const proof of proofs) {
    const { name, claim } = proof;
    const missing = proof.after?.find((needed) =>
      outcomes.some((outcome) => outcome.name === needed && outcome.verdict !== 'proven'),
    );
    const startedMs = Date.now();
    let verdict: Outcome['verdict'] = 'skipped';
    let detail = missing === undefined ? 'stopped' : `needs ${missing}`;
    if (missing === undefined && !signal.aborted) {
      try {
        detail = await proof.run(stage, signal);
        verdict = 'proven';
      } catch (error) {
        verdict = 'failed';
        detail = error instanceof Error ? error.message : String(error);
      }
    }
    const outcome = { name, claim, verdict, detail, seconds: Math.round((Date.now() - startedMs) / 100) / 10 };
    outcomes.push(outcome);
    report(outcome);
  }
  return outcomes;
}
