import { VPC } from './addresses.ts';

/**
 * Arguments of ip(8) that make the bridge which stands for the VPC and its router.
 *
 * The bridge has a hardware address of its own. Without one it takes the lowest of its ports' (Linux,
 * br_stp_recalculate_bridge_id), so that the address of the router changes when a host comes or goes. All other hosts
 * then lose the router until their ARP entries end: 45 s were measured with three ports.
 */
export const BRIDGE: readonly (readonly string[])[] = [
  ['link', 'add', 'vpc', 'address', VPC.routerHardware, 'type', 'bridge'],
  ['address', 'add', `${VPC.router}/${VPC.prefix}`, 'dev', 'vpc'],
  ['address', 'add', `${VPC.resolver}/${VPC.prefix}`, 'dev', 'vpc'],
  ['address', 'add', '169.254.169.254/32', 'dev', 'vpc'],
  ['link', 'set', 'vpc', 'up'],
];
