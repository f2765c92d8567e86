import {
  DescribeSecurityConfigurationCommand,
  EMRClient,
  paginateListClusters,
  paginateListSecurityConfigurations,
} from '@aws-sdk/client-emr';

import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

/** Clusters that are not gone, and security configurations: these carry no tags, but name the bucket of certificates. */
export async function* emr({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new EMRClient(clientOf(region));
  const ClusterStates = ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING'] as const;
  for await (const { Clusters = [] } of paginateListClusters({ client }, { ClusterStates: [...ClusterStates] })) {
    for (const { Id = '', Name, Status } of Clusters) {
      yield { type: 'AWS::EMR::Cluster', id: Id, names: present(Name), state: Status?.State ?? '' };
    }
  }
  for await (const { SecurityConfigurations = [] } of paginateListSecurityConfigurations({ client }, {})) {
    for (const { Name = '' } of SecurityConfigurations) {
      const { SecurityConfiguration = '' } = await client.send(new DescribeSecurityConfigurationCommand({ Name }));
      const buckets = [...SecurityConfiguration.matchAll(/s3:\/\/([a-z0-9.-]+)/g)].map(([, bucket]) => bucket);
      yield { type: 'AWS::EMR::SecurityConfiguration', id: Name, names: present(Name, ...buckets) };
    }
  }
}
