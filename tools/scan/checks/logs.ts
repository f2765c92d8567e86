import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';

import { type Candidate, clientOf, type Scope } from '../candidate.ts';

/** Log groups, also those that a service makes by itself: `/aws/lambda/NAME-...`, `/aws/rds/instance/NAME-.../...`. */
export async function* logs({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new CloudWatchLogsClient(clientOf(region));
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {})) {
    for (const { logGroupName = '' } of logGroups) {
      yield { type: 'AWS::Logs::LogGroup', id: logGroupName, names: logGroupName.split('/') };
    }
  }
}
