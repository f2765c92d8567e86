import { describe, expect, it } from '@jest/globals';

import { checkConfig } from '../../lib/config/load.ts';
import { reasons } from '../../rehearsal/cloud.ts';
import { rehearsalConfig } from '../../rehearsal/configuration.ts';

describe('the reasons in what the CDK CLI says', () => {
  it('are the lines about what failed', () => {
    const said = [
      'grid | 1/7 | CREATE_COMPLETE | AWS::IAM::Role',
      'grid | 2/7 | CREATE_FAILED | AWS::AutoScaling::AutoScalingGroup | Received 1 FAILURE signal(s) out of 1.',
      'grid | 3/7 | ROLLBACK_COMPLETE | AWS::CloudFormation::Stack',
    ].join('\n');
    expect(reasons(said)).toBe(
      'grid | 2/7 | CREATE_FAILED | AWS::AutoScaling::AutoScalingGroup | Received 1 FAILURE signal(s) out of 1.',
    );
  });

  it('are its last words when no line says more', () => {
    expect(reasons('one\ntwo\n\nthree\nfour\n')).toBe('two / three / four');
  });
});

describe("the rehearsal's configuration", () => {
  const names = ['amazon-ssm-agent', 'amazon-cloudwatch-agent', 'aws-msk-iam-auth', 'kafka-clients', 'commons-pool2'];
  const mirrored = new Map(
    [...names, 'druid'].map((name) => [name, { url: `s3://mirror/${name}`, sha256: 'a'.repeat(64) }]),
  );

  it('is one that the app takes, with everything that hosts download from the mirror', () => {
    const config = checkConfig(rehearsalConfig(mirrored, 'ca.pem', 24));
    const downloads = [
      config.hosts.ssmAgent,
      config.hosts.cloudWatchAgent,
      config.spark.mskIamAuth,
      config.spark.kafkaClients,
      config.spark.commonsPool,
      config.druid.tarball,
    ];
    expect(downloads.map(({ url }) => url)).toEqual([...mirrored.values()].map(({ url }) => url));
    expect(config.hosts.aptSources).toEqual([expect.stringMatching(/^deb http:\/\/198\.18\./)]);
  });

  it('leaves the hashes of jars as they are: the mirror must have the very files', () => {
    const { spark } = checkConfig(rehearsalConfig(mirrored, 'ca.pem', 24));
    const own = checkConfig({}).spark;
    for (const jar of ['mskIamAuth', 'kafkaClients', 'commonsPool'] as const) {
      expect(spark[jar].sha256).toBe(own[jar].sha256);
    }
  });

  it('names what the mirror lacks', () => {
    expect(() => rehearsalConfig(new Map(), 'ca.pem', 24)).toThrow('the mirror has no aws-msk-iam-auth');
  });
});
