/**
 * What a deployment of the seed's topology consists of, to review: every resource with its type and what happens to it
 * when the stack goes, and what each role may do. Tests never write it: after a change that is meant, `npm run inventory`
 * does, and its diff is reviewed with the change. What resources must be like is asserted by the other tests.
 */
import { describe, expect, test } from '@jest/globals';

import { PARTS } from '../../lib/stack/grid-stack.ts';
import { statements } from '../support/iam.ts';
import { templatesOf } from '../support/synth.ts';

/** What changes with every byte of a program that is shipped: hashes of assets and archives. */
const HASH = /\b[0-9a-f]{64}\b/g;

/** Snapshots as they read, without quotes. */
expect.addSnapshotSerializer({
  test: (value: unknown) => typeof value === 'string',
  serialize: (value: string) => value,
});

describe('the inventory of', () => {
  test.each(PARTS)('%s', (part) => {
    const lines = Object.entries(templatesOf('seed').part(part).Resources).map(
      ([logicalId, { Type, DeletionPolicy = '-' }]) => `${Type}  ${logicalId}  ${DeletionPolicy}`,
    );
    expect(lines.sort().join('\n').replaceAll(HASH, '<hash>')).toMatchSnapshot();
  });

  test('permissions', () => {
    const byRole = new Map<string, Set<string>>();
    for (const { role, Effect, Action } of statements(templatesOf('seed'))) {
      const actions = byRole.get(role) ?? new Set();
      for (const action of Action) {
        actions.add(Effect === 'Deny' ? `DENY ${action}` : action);
      }
      byRole.set(role, actions);
    }
    const lines = [...byRole].map(([role, actions]) => `${role}: ${[...actions].sort().join(' ')}`);
    expect(lines.sort().join('\n')).toMatchSnapshot();
  });
});
