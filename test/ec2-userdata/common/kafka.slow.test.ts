import { describe, expect, test } from '@jest/globals';
import { execaSync } from 'execa';

import { repositoryPath } from '../../../src/files/repository.ts';

const ARN = 'arn:aws:kafka:eu-central-1:123456789012:cluster/igrid/1';

/** An `aws` that answers as MSK does for a cluster with IAM alone: the CLI prints a field that is not there as None. */
const AWS = `aws() {
  [[ "$*" == *"--region eu-central-1 --cluster-arn ${ARN} "* ]] || { echo 'An error occurred (NotFoundException)' >&2; return 254; }
  case "$*" in
    *BootstrapBrokerStringSaslIam*) echo b-1:9098,b-2:9098 ;;
    *) echo None ;;
  esac
}`;

describe('the start scripts look for brokers', () => {
  const ask = (arn: string, auth: string) => {
    const call = 'source "$0"; brokers=$(kafka_brokers eu-central-1 "$1" "$2"); echo "$brokers"';
    const script = ['set -euo pipefail', AWS, call].join('\n');
    return execaSync('bash', ['-c', script, repositoryPath('ec2-userdata/common/kafka.sh'), arn, auth], {
      reject: false,
    });
  };

  test('among those that the cluster offers to their kind of client', () => {
    expect(ask(ARN, 'iam').stdout).toBe('b-1:9098,b-2:9098');
  });

  test('and end, saying what to compare, when it offers none', () => {
    const { exitCode, stderr } = ask(ARN, 'none');
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `kafka: ${ARN} has no listeners for none: compare its client authentication with kafka.auth in the configuration`,
    });
  });

  test('and end with the reason that AWS gives', () => {
    const { exitCode, stderr } = ask('arn:of:nothing', 'iam');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'An error occurred (NotFoundException)' });
  });

  test('and refuse a kind that there is not', () => {
    expect(ask(ARN, 'scram')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('iam or none') });
  });
});

describe('the start scripts name the zone that they are in', () => {
  /** @param curl what `curl` does in its place; it may exit. */
  const rack = (curl: string) => {
    const script = ['set -euo pipefail', `curl() (\n${curl}\n)`, 'source "$0"; rack=$(kafka_rack); echo "<$rack>"'];
    return execaSync('bash', ['-c', script.join('\n'), repositoryPath('ec2-userdata/common/kafka.sh')]).stdout;
  };

  test('by its id, which is the same in every account and the rack of MSK', () => {
    const curl = `case "$*" in
      *"--request PUT"*"/latest/api/token") echo TOKEN ;;
      *"X-aws-ec2-metadata-token: TOKEN"*"/placement/availability-zone-id") echo use1-az4 ;;
      *) exit 22 ;;
    esac`;
    expect(rack(curl)).toBe('<use1-az4>');
  });

  test('and go on without it where it is unknown', () => {
    expect(rack('exit 22')).toBe('<>');
    expect(rack('[[ "$*" == *api/token ]] && echo TOKEN || exit 22')).toBe('<>');
  });
});
