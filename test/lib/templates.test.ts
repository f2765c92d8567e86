/**
 * The templates of the seed's topology, whole: the last of the tests, which says only that something has changed. Tests
 * never write it: after a change that is meant, `npm run snapshots` does, and its diff is reviewed with the change.
 */
import { describe, expect, test } from '@jest/globals';

import { PARTS } from '../../lib/grid-stack.ts';
import { templatesOf } from '../support/synth.ts';

/** What changes with every byte of a program that is shipped: hashes of assets and archives. */
const HASH = /\b[0-9a-f]{64}\b/g;

describe('the template of', () => {
  test.each(PARTS)('%s is as it was reviewed', (part) => {
    const text = JSON.stringify(templatesOf('seed').part(part), undefined, 1);
    expect(text.replaceAll(HASH, '<hash>')).toMatchSnapshot();
  });
});
