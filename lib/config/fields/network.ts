import { z } from 'zod';

import { LONGEST_PREFIX, rangeProblem, SHORTEST_PREFIX } from '../address-range.ts';
import { text } from './values.ts';

/** In how many zones a deployment may be: MSK takes two or three, and two brokers or more. */
export const ZONES = { least: 2, most: 3 } as const;

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
    zones: z.int().min(ZONES.least).max(ZONES.most).default(ZONES.most).meta({
      description:
        "Number of availability zones. Two cost less: with two copies of each message every zone has one, and consumers read it without crossing zones. Can't be changed on a running deployment.",
      unit: 'zones',
    }),
    availabilityZones: z
      .array(text(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'a zone such as eu-central-1a'))
      .min(ZONES.least)
      .max(ZONES.most)
      .refine((zones) => new Set(zones).size === zones.length, 'different zones')
      .optional()
      .meta({
        description:
          "Names of the availability zones, as many as `network.zones`. Can't be changed on a running deployment. MSK refuses the zone with the id use1-az3, and not every zone has i3 instances.",
        allowed: `${ZONES.least} or ${ZONES.most} different zones, such as eu-central-1a`,
        otherwise: "the region's first",
      }),
    nat: z.enum(['gateway', 'instance']).default('gateway').meta({
      description:
        "What private subnets reach AWS' APIs and packages through. `gateway`: NAT gateways, which AWS keeps up. `instance`: a t4g.nano of Amazon Linux in place of each, for 30 USD a month less. While it is down, logs, metrics, Session Manager and restarts wait; readings still flow. prod refuses it.",
    }),
    natGateways: z.int().min(1).max(ZONES.most).optional().meta({
      description:
        'Number of NAT gateways, or of instances in their place, at most `network.zones`. One costs least; one per zone survives the loss of a zone.',
      unit: 'gateways',
      otherwise: '1 in dev, one per zone in prod',
    }),
  })
  .prefault({})
  .meta({ description: 'The VPC.' });
