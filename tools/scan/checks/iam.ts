import { IAMClient, paginateListInstanceProfiles, paginateListPolicies, paginateListRoles } from '@aws-sdk/client-iam';

import { SERVICE_LINKED_ROLE } from '../allowed.ts';
import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

/** Services of the grid that make a role for themselves: they are listed, so that the report is whole. */
const LINKED_TO = /^\/aws-service-role\/(kafka|kafka\.application-autoscaling|rds|elasticmapreduce|autoscaling)\./;

/** Roles, instance profiles and policies are the account's, not the region's; listings show no tags. */
export async function* iam({ name, region }: Scope): AsyncGenerator<Candidate> {
  const client = new IAMClient(clientOf(region));
  for await (const { Roles = [] } of paginateListRoles({ client }, {})) {
    for (const { RoleName = '', Path = '' } of Roles) {
      yield LINKED_TO.test(Path)
        ? { type: SERVICE_LINKED_ROLE, id: RoleName, names: [name] }
        : { type: 'AWS::IAM::Role', id: RoleName, names: present(RoleName) };
    }
  }
  for await (const { InstanceProfiles = [] } of paginateListInstanceProfiles({ client }, {})) {
    for (const { InstanceProfileName = '' } of InstanceProfiles) {
      yield { type: 'AWS::IAM::InstanceProfile', id: InstanceProfileName, names: present(InstanceProfileName) };
    }
  }
  for await (const { Policies = [] } of paginateListPolicies({ client }, { Scope: 'Local' })) {
    for (const { PolicyName = '' } of Policies) {
      yield { type: 'AWS::IAM::ManagedPolicy', id: PolicyName, names: present(PolicyName) };
    }
  }
}
