import { KafkaClient, paginateListClustersV2, paginateListConfigurations } from '@aws-sdk/client-kafka';

import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

/** Clusters, and configurations, which outlive them. */
export async function* msk({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new KafkaClient(clientOf(region));
  for await (const { ClusterInfoList = [] } of paginateListClustersV2({ client }, {})) {
    for (const { ClusterArn = '', ClusterName, State = '', Tags } of ClusterInfoList) {
      yield {
        type: 'AWS::MSK::Cluster',
        id: ClusterArn,
        names: present(ClusterName),
        tags: Tags ?? {},
        state: State,
      };
    }
  }
  for await (const { Configurations = [] } of paginateListConfigurations({ client }, {})) {
    for (const { Arn = '', Name, State = '' } of Configurations) {
      yield { type: 'AWS::MSK::Configuration', id: Arn, names: present(Name), state: State };
    }
  }
}
