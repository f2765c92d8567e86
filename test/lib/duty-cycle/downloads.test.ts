import { describe, expect, test } from '@jest/globals';

import { templatesOf } from '../../support/synth.ts';

describe('EMR nodes whose jar is mirrored in a bucket', () => {
  test('may read it there', () => {
    const policies = JSON.stringify(templatesOf('open-kafka').resources('AWS::IAM::Policy'));
    expect(policies).toContain(':s3:::mirror/jars/msk-iam.jar"');
  });
});

describe('EMR nodes that fetch it from the web', () => {
  test('have no bucket of others to read', () => {
    expect(JSON.stringify(templatesOf('seed').resources('AWS::IAM::Policy'))).not.toContain(':s3:::mirror');
  });
});
