import { z } from 'zod';

import { LONGEST_PREFIX, rangeProblem, SHORTEST_PREFIX } from '../address-range.ts';
import { text } from './values.ts';

/** MSK spreads brokers evenly over the cluster's subnets, one a zone, so their number is a multiple of this. */
export const AVAILABILITY_ZONES = 3;

export const network = z
  .strictObject({
    cidr: z
      .string()
      .superRefine((range, context) => {
        const message = rangeProblem(range);
        if (message !== undefined) {
          context.addIssue({ code: 'custom', message });
        }
      })
      .default('10.40.0.0/16')
      .meta({
        description: "The VPC's addresses. Can't be changed on a running deployment.",
        allowed: `a private IPv4 range of /${SHORTEST_PREFIX} to /${LONGEST_PREFIX}`,
      }),
    availabilityZones: z
      .array(text(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'a zone such as eu-central-1a'))
      .length(AVAILABILITY_ZONES)
      .refine((zones) => new Set(zones).size === zones.length, 'three different zones')
      .optional()
      .meta({
        description:
          "Names of the availability zones. Can't be changed on a running deployment. MSK refuses the zone with the id use1-az3, and not every zone has i3 instances.",
        allowed: `${AVAILABILITY_ZONES} different zones, such as eu-central-1a`,
        otherwise: "the region's first three",
      }),
    natGateways: z.int().min(1).max(AVAILABILITY_ZONES).optional().meta({
      description: 'Number of NAT gateways. One costs least; one per zone survives the loss of a zone.',
      unit: 'gateways',
      otherwise: '1 in dev, 3 in prod',
    }),
  })
  .prefault({})
  .meta({ description: 'The VPC.' });
