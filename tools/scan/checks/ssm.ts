import { paginateDescribeParameters, paginateListDocuments, SSMClient } from '@aws-sdk/client-ssm';

import { type Candidate, clientOf, present, type Scope, tagsOf } from '../candidate.ts';
import { PROJECT_TAG } from '../ownership.ts';

/** Parameters, which CloudFormation names without the stack: the service is asked for the tag. And our own documents. */
export async function* ssm({ name, region }: Scope): AsyncGenerator<Candidate> {
  const client = new SSMClient(clientOf(region));
  const ParameterFilters = [{ Key: `tag:${PROJECT_TAG}`, Values: [name] }];
  for await (const { Parameters = [] } of paginateDescribeParameters({ client }, { ParameterFilters })) {
    for (const { Name = '' } of Parameters) {
      yield { type: 'AWS::SSM::Parameter', id: Name, names: present(Name), tags: { [PROJECT_TAG]: name } };
    }
  }
  for await (const { DocumentIdentifiers = [] } of paginateListDocuments(
    { client },
    { Filters: [{ Key: 'Owner', Values: ['Self'] }] },
  )) {
    for (const { Name = '', Tags } of DocumentIdentifiers) {
      yield { type: 'AWS::SSM::Document', id: Name, names: present(Name), tags: tagsOf(Tags) };
    }
  }
}
