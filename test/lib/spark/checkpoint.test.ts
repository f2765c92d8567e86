import { describe, expect, it } from '@jest/globals';

import { statements, textOf } from '../../support/iam.ts';
import { preset } from '../../support/synth.ts';

describe("the job's checkpoint", () => {
  it('may be looked at with the folder above it, which S3A asks for as an object', () => {
    const readable = statements(preset('seed'))
      .filter(({ role, Effect }) => role === 'spark/emrrolesnodes' && Effect === 'Allow')
      .filter(({ Action }) => Action.includes('s3:GetObject') || Action.includes('s3:GetObject*'))
      .flatMap(({ Resource }) => Resource.map(textOf));
    expect(readable).toEqual(expect.arrayContaining(['<bucket>/checkpoint', '<bucket>/checkpoint/*']));
  });
});
