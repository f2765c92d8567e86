/** Whether the zones of the network offer what the deployment places in them, and which zones would. */
import { EC2Client, paginateDescribeInstanceTypeOfferings } from '@aws-sdk/client-ec2';

import { ZONES } from '../../../lib/config/schema.ts';
import { type InstanceNeed, instanceNeeds } from '../requirements.ts';
import type { Zone } from './account.ts';
import { clientOf, collected } from './clients.ts';
import { type Finding, type Look, type LookScope, problem } from './look.ts';

/** "Client subnets can't occupy the Availability Zone with ID use1-az3" (MSK's API, BrokerNodeGroupInfo). */
const REFUSED_BY_MSK: readonly string[] = ['use1-az3'];

/** "For Standard brokers in the US West (N. California) Region, you need two subnets" (MSK's guide, Create a cluster). */
const TWO_ZONES_OF_MSK = 'us-west-1';

export const zonesLook: Look = {
  about: 'the availability zones and what they offer',
  actions: [...['ec2:DescribeAvailabilityZones', 'ec2:DescribeSubnets'], 'ec2:DescribeInstanceTypeOfferings'],
  look: async (scope) => {
    const { config, region, facts } = scope;
    const zones = await facts.zones();
    const wanted = config.network.zones;
    const offered = region === TWO_ZONES_OF_MSK ? Math.min(zones.length, ZONES.least) : zones.length;
    if (offered < wanted) {
      const why = region === TWO_ZONES_OF_MSK ? 'MSK takes two zones only' : `there are ${zones.length} zones`;
      const cure =
        offered < ZONES.least
          ? 'choose another region'
          : `set network.zones to ${ZONES.least}, or choose another region`;
      return [problem(`in ${region} ${why}, and the deployment needs ${wanted}: ${cure}`)];
    }
    const [deployed, byDefault, offers] = await Promise.all([
      facts.networkZones(),
      facts.defaultZones(),
      offersByType(scope),
    ]);
    const inPlace = deployed.length === wanted;
    const chosen = (inPlace ? deployed : (config.network.availabilityZones ?? byDefault)).slice(0, wanted);
    const rules = { zones, offers, needs: instanceNeeds(config), wanted };
    return [
      ...unknownZones(chosen, rules, region),
      ...refusedZones(chosen, rules, inPlace),
      ...missingTypes(chosen, rules, inPlace, region),
    ];
  },
};

interface Rules {
  readonly zones: readonly Zone[];
  /** Names of the zones that offer a type. */
  readonly offers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly needs: readonly InstanceNeed[];
  /** How many zones the network has. */
  readonly wanted: number;
}

async function offersByType({ config, region }: LookScope): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const client = new EC2Client(clientOf(region));
  const types = [...new Set(instanceNeeds(config).map(({ type }) => type))];
  const offerings = await collected(
    paginateDescribeInstanceTypeOfferings(
      { client },
      { LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: types }] },
    ),
    ({ InstanceTypeOfferings }) => InstanceTypeOfferings,
  );
  return new Map(
    types.map((type) => [
      type,
      new Set(offerings.filter((one) => one.InstanceType === type).map(({ Location = '' }) => Location)),
    ]),
  );
}

function unknownZones(chosen: readonly string[], { zones, wanted }: Rules, region: string): Finding[] {
  const names = zones.map(({ name }) => name);
  return chosen
    .filter((zone) => !names.includes(zone))
    .map((zone) =>
      problem(
        `network.availabilityZones names ${zone}, and ${region} has ${names.join(', ')}: choose ${wanted} of these`,
      ),
    );
}

function refusedZones(chosen: readonly string[], rules: Rules, inPlace: boolean): Finding[] {
  return chosen.flatMap((name) => {
    const id = rules.zones.find((zone) => zone.name === name)?.id ?? '';
    return REFUSED_BY_MSK.includes(id)
      ? [
          problem(
            `MSK takes no brokers in ${name} (zone id ${id}), one of the network's zones: ${otherZones(rules, inPlace)}`,
          ),
        ]
      : [];
  });
}

function missingTypes(chosen: readonly string[], rules: Rules, inPlace: boolean, region: string): Finding[] {
  return rules.needs.flatMap(({ property, type, zones }) => {
    const offering = [...(rules.offers.get(type) ?? [])].sort();
    if (offering.length === 0) {
      return [problem(`${property} ${type} is offered in no zone of ${region}: choose another type`)];
    }
    return zones.flatMap((index) => {
      const zone = chosen[index];
      return zone === undefined || offering.includes(zone)
        ? []
        : [
            problem(
              `${property} ${type} is not offered in ${zone}, where it would run, but in ${offering.join(', ')}: ` +
                otherZones(rules, inPlace, property),
            ),
          ];
    });
  });
}

function otherZones(rules: Rules, inPlace: boolean, property?: string): string {
  const otherType = property === undefined ? '' : `choose another ${property}`;
  if (inPlace) {
    return property === undefined
      ? 'the network is there already: "npm run destroy", then deploy with other network.availabilityZones'
      : `the network is there already: ${otherType}`;
  }
  const suitable = suitableZones(rules);
  if (suitable) {
    return `set network.availabilityZones to ${JSON.stringify(suitable)}`;
  }
  return property === undefined ? 'choose another region' : otherType;
}

/** The first zones, in the order in which the network takes them, that offer all that is placed in them. */
function suitableZones({ zones, offers, needs, wanted }: Rules): readonly string[] | undefined {
  const allowed = zones.filter(({ id }) => !REFUSED_BY_MSK.includes(id)).map(({ name }) => name);
  const offersAllOf = (zone: string, index: number): boolean =>
    needs.filter((need) => need.zones.includes(index)).every(({ type }) => offers.get(type)?.has(zone));
  const extend = (chosen: readonly string[]): readonly string[] | undefined => {
    if (chosen.length === wanted) {
      return chosen;
    }
    for (const zone of allowed) {
      if (!chosen.includes(zone) && offersAllOf(zone, chosen.length)) {
        const all = extend([...chosen, zone]);
        if (all) {
          return all;
        }
      }
    }
    return undefined;
  };
  return extend([]);
}
