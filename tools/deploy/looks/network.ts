/** Whether a change of the configuration would replace the network, and with it everything inside. */
import { type Finding, type Look, problem } from './look.ts';

/** CloudFormation replaces a VPC for another range, and a subnet for another zone: the brokers and their data go with it. */
export const networkLook: Look = {
  about: 'whether the network stays as it is',
  actions: ['ec2:DescribeVpcs', 'ec2:DescribeSubnets', 'ec2:DescribeAvailabilityZones'],
  look: async ({ config, facts }) => {
    const [cidr, deployed] = await Promise.all([facts.networkCidr(), facts.networkZones()]);
    const findings: Finding[] = [];
    if (cidr !== undefined && cidr !== config.network.cidr) {
      findings.push(
        problem(
          `network.cidr is ${config.network.cidr}, and the network of ${config.name} has ${cidr}: another range would replace it with all its data; ` +
            `set network.cidr to "${cidr}", or deploy under another "name"`,
        ),
      );
    }
    const { zones } = config.network;
    if (deployed.length > zones) {
      findings.push(
        problem(
          `the network of ${config.name} has ${deployed.length} zones, and network.zones is ${zones}: fewer would remove zones that are in use; ` +
            `set network.zones to ${deployed.length}, or deploy under another "name"`,
        ),
      );
    }
    if (deployed.length === zones) {
      const wanted = (config.network.availabilityZones ?? (await facts.defaultZones())).slice(0, zones);
      if (wanted.some((zone, index) => zone !== deployed[index])) {
        findings.push(
          problem(
            `the network of ${config.name} is in ${deployed.join(', ')}, and this deployment would move it to ${wanted.join(', ')}, which replaces it with ` +
              `all its data: set network.availabilityZones to ${JSON.stringify(deployed)}, or deploy under another "name"`,
          ),
        );
      }
    }
    return findings;
  },
};
