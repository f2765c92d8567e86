/** Addresses and ports of a rehearsal. All but this computer's end of the link live in a network namespace of their own. */

/** The interface of this computer that leads into the rehearsal; it goes when the rehearsal's last process does. */
export const LINK = 'igrid-rehearsal';

/** This computer's end of it; RFC 2544's range, which no network routes. */
export const OUTSIDE_ADDRESS = '198.18.40.1';

/** The rehearsal's end of that link. Services listen here; hosts reach it through their router. */
export const SERVICE_ADDRESS = '198.18.40.2';

export const LINK_PREFIX = 30;

/** The VPC, as `network.cidr` has it by default. */
export const VPC = {
  network: '10.40.0.0',
  mask: '255.255.0.0',
  router: '10.40.0.1',
  /** The router's hardware address, made of its IP address as those of hosts are: see bridge.ts. */
  routerHardware: '02:00:0a:28:00:01',
  resolver: '10.40.0.2',
  prefix: 16,
} as const;

export const PORTS = {
  aws: 4566,
  kafka: 9092,
  kafkaController: 9093,
  /** The mirror of Debian's packages, on {@link OUTSIDE_ADDRESS}. */
  mirror: 8480,
} as const;

export const REGION = 'us-east-1';

/** AWS' own example of an account. */
export const ACCOUNT = '111122223333';
