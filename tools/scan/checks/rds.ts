import {
  paginateDescribeDBInstanceAutomatedBackups,
  paginateDescribeDBInstances,
  paginateDescribeDBParameterGroups,
  paginateDescribeDBSnapshots,
  paginateDescribeDBSubnetGroups,
  RDSClient,
} from '@aws-sdk/client-rds';

import { type Candidate, clientOf, present, type Scope, tagsOf } from '../candidate.ts';

/** The metadata database and what outlives it: snapshots and retained backups cost until they are deleted. */
export async function* rds({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new RDSClient(clientOf(region));
  for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client }, {})) {
    for (const { DBInstanceIdentifier: id = '', DBInstanceStatus = '', TagList } of DBInstances) {
      yield {
        type: 'AWS::RDS::DBInstance',
        id,
        names: present(id),
        tags: tagsOf(TagList),
        state: DBInstanceStatus,
      };
    }
  }
  for await (const { DBSnapshots = [] } of paginateDescribeDBSnapshots({ client }, {})) {
    for (const { DBSnapshotIdentifier: id = '', DBInstanceIdentifier, Status = '', TagList } of DBSnapshots) {
      yield {
        type: 'AWS::RDS::DBSnapshot',
        id,
        names: present(id, DBInstanceIdentifier),
        tags: tagsOf(TagList),
        state: Status,
      };
    }
  }
  for await (const { DBInstanceAutomatedBackups = [] } of paginateDescribeDBInstanceAutomatedBackups({ client }, {})) {
    for (const { DBInstanceIdentifier, DbiResourceId = '', Status = '' } of DBInstanceAutomatedBackups) {
      yield {
        type: 'RDS automated backup',
        id: DbiResourceId,
        names: present(DBInstanceIdentifier),
        state: Status,
      };
    }
  }
  for await (const { DBSubnetGroups = [] } of paginateDescribeDBSubnetGroups({ client }, {})) {
    for (const { DBSubnetGroupName: id = '' } of DBSubnetGroups) {
      yield { type: 'AWS::RDS::DBSubnetGroup', id, names: present(id) };
    }
  }
  for await (const { DBParameterGroups = [] } of paginateDescribeDBParameterGroups({ client }, {})) {
    for (const { DBParameterGroupName: id = '' } of DBParameterGroups) {
      yield { type: 'AWS::RDS::DBParameterGroup', id, names: present(id) };
    }
  }
}
