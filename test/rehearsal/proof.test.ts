import { describe, expect, it } from '@jest/globals';

import { type Proof, ProofError, runProofs, selectProofs } from '../../rehearsal/proof.ts';
import { PROOFS } from '../../rehearsal/proofs.ts';
import { Stage } from '../../rehearsal/stage.ts';

const stage = new Stage('/nowhere', 24, () => undefined);

function proof(name: string, after: readonly string[] = [], run: Proof['run'] = () => Promise.resolve('seen')): Proof {
  return { name, claim: `${name} holds`, after, run };
}

const failing = (message: string) => () => Promise.reject(new ProofError(message));

describe('selecting proofs', () => {
  it('takes all without a choice', () => {
    expect(selectProofs(PROOFS, undefined)).toEqual(PROOFS);
  });

  it('takes what a chosen proof needs as well, in the order in which they are run', () => {
    const all = [proof('a'), proof('b', ['a']), proof('c'), proof('d', ['b'])];
    expect(selectProofs(all, ['d']).map(({ name }) => name)).toEqual(['a', 'b', 'd']);
    expect(selectProofs(all, ['d'], new Map([['d', 3]])).map(({ name }) => name)).toEqual(['a', 'b', 'd', 'd', 'd']);
  });

  it('names the steps there are when one is unknown', () => {
    expect(() => selectProofs([proof('a')], ['z'])).toThrow('there is no step z: choose from a');
    expect(() => selectProofs([proof('a')], undefined, new Map([['z', 2]]))).toThrow('there is no step z');
  });

  it('has every proof after those that it needs', () => {
    const seen = new Set<string>();
    for (const { name, after = [] } of PROOFS) {
      expect(after.filter((needed) => !seen.has(needed))).toEqual([]);
      seen.add(name);
    }
  });
});

describe('running proofs', () => {
  const run = (proofs: Proof[], signal = new AbortController().signal) =>
    runProofs(proofs, stage, signal, () => undefined);

  it('continues after a failure with what does not need it', async () => {
    const outcomes = await run([proof('a', [], failing('no')), proof('b', ['a']), proof('c', ['b']), proof('d')]);
    expect(outcomes.map(({ name, verdict, detail }) => [name, verdict, detail])).toEqual([
      ['a', 'failed', 'no'],
      ['b', 'skipped', 'needs a'],
      ['c', 'skipped', 'needs b'],
      ['d', 'proven', 'seen'],
    ]);
  });

  it('starts nothing more once it is stopped', async () => {
    const stop = new AbortController();
    const outcomes = await run(
      [
        proof('a', [], () => {
          stop.abort();
          return Promise.resolve('seen');
        }),
        proof('b'),
      ],
      stop.signal,
    );
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['proven', 'skipped']);
  });
});
