import { paginateListHostedZones, Route53Client } from '@aws-sdk/client-route-53';

import { type Candidate, clientOf, type Scope } from '../candidate.ts';

/** Zones are the account's, not the region's: `NAME.internal.`. */
export async function* route53({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new Route53Client(clientOf(region));
  for await (const { HostedZones = [] } of paginateListHostedZones({ client }, {})) {
    for (const { Id = '', Name = '' } of HostedZones) {
      yield { type: 'AWS::Route53::HostedZone', id: `${Name} (${Id})`, names: Name.split('.').slice(0, 1) };
    }
  }
}
