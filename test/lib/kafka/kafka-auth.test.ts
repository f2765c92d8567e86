import { describe, expect, test } from '@jest/globals';

import { templatesOf, within } from '../../support/synth.ts';

describe('an open Kafka, for a rehearsal', () => {
  const templates = templatesOf('open-kafka');

  test('takes plaintext from anybody who reaches it, and nothing else', () => {
    const [cluster] = templates.resources('AWS::MSK::Cluster');
    expect(cluster?.Properties).toMatchObject({
      ClientAuthentication: { Sasl: { Iam: { Enabled: false } }, Unauthenticated: { Enabled: true } },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'PLAINTEXT', InCluster: true } },
    });
  });

  test('is reached through its own port alone', () => {
    const ports = templates
      .resources('AWS::EC2::SecurityGroupIngress')
      .map(({ Properties }) => Properties.FromPort)
      .filter((port) => port === 9092 || port === 9098);
    expect(new Set(ports)).toEqual(new Set([9092]));
  });

  test('is the setting that every program gets', () => {
    const texts = within(
      [...templates.byPart.values()],
      (value) => typeof value === 'string' && value.includes('KAFKA_AUTH='),
    );
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      expect(text).toContain('KAFKA_AUTH="none"');
    }
    const [step] = templates.resources('Custom::StreamingStep');
    const told = within(
      step?.Properties.StepArguments,
      (value) => typeof value === 'string' && value.includes('"kafka_auth":"none"'),
    );
    expect(told).toHaveLength(1);
  });
});
