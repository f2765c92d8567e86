import { describe, expect, test } from '@jest/globals';

import { type PresetName, PRESETS } from '../../../lib/config/presets.ts';
import { statements } from '../../support/iam.ts';
import { preset } from '../../support/synth.ts';

/** https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-logging-cw.html, "Required IAM policy". */
const REQUIRED = [
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
  'logs:PutLogEvents',
  'logs:PutRetentionPolicy',
];

describe.each(Object.keys(PRESETS) as PresetName[])("EMR's logs in %s", (name) => {
  const duty = () => preset(name).part('spark');

  test('go to CloudWatch with every permission that EMR asks for, on its own group where that is possible', () => {
    const group = Object.keys(duty().Resources).find((id) => id.startsWith('emrsteplog')) ?? 'none';
    const ofNodes = statements(preset(name)).filter(({ where }) => where.startsWith('spark/emrrolesnodes'));
    const logs = ofNodes.flatMap(({ Action, Resource }) =>
      Action.filter((action) => action.startsWith('logs:')).map((action) => ({ action, resource: Resource })),
    );
    expect(logs.map(({ action }) => action).sort()).toEqual(REQUIRED);
    for (const { action, resource } of logs) {
      const text = JSON.stringify(resource);
      if (action === 'logs:DescribeLogGroups') {
        expect(text).toContain(':log-group:*');
      } else {
        expect(text).toContain(`{"Fn::GetAtt":["${group}","Arn"]}`);
        expect(text).not.toContain('*');
      }
    }
  });

  test('carry no metrics that cost, and no line for every task', () => {
    const cluster = Object.values(duty().Resources).find(({ Type }) => Type === 'AWS::EMR::Cluster');
    expect(cluster?.Properties.Configurations).toEqual([
      {
        Classification: 'emr-metrics',
        ConfigurationProperties: {},
        Configurations: [{ Classification: 'emr-system-metrics', ConfigurationProperties: {}, Configurations: [] }],
      },
      { Classification: 'spark-log4j2', ConfigurationProperties: { 'rootLogger.level': 'warn' } },
    ]);
  });

  test('come from a node that gets the jars that EMR lacks', () => {
    const cluster = Object.values(duty().Resources).find(({ Type }) => Type === 'AWS::EMR::Cluster');
    const text = JSON.stringify(cluster?.Properties.BootstrapActions);
    for (const jar of ['aws-msk-iam-auth.jar', 'kafka-clients.jar', 'commons-pool2.jar']) {
      expect(text).toContain(`"${jar}"`);
    }
  });
});
