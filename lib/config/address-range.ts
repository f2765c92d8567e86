/** Ranges of IPv4 addresses in CIDR notation, as far as a VPC may have them. */

/** "Private-Use" of RFC 1918, and "Shared Address Space" of RFC 6598, which AWS recommends for VPCs that run out. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'] as const;

export const SHORTEST_PREFIX = 16;
export const LONGEST_PREFIX = 22;

/**
 * Why `text` is no range for the VPC.
 *
 * @returns what is allowed instead, or undefined when the range can be used.
 */
export function rangeProblem(text: string): string | undefined {
  const allowed = `a private IPv4 range of /${SHORTEST_PREFIX} to /${LONGEST_PREFIX} such as 10.40.0.0/16`;
  const range = parse(text);
  if (!range || range.prefix < SHORTEST_PREFIX || range.prefix > LONGEST_PREFIX) {
    return allowed;
  }
  const first = start(range);
  if (first !== range.address) {
    return `${allowed}; the range with this address begins at ${dotted(first)}/${range.prefix}`;
  }
  const isPrivate = PRIVATE.flatMap((known) => parse(known) ?? []).some(
    (outer) => start({ address: range.address, prefix: outer.prefix }) === outer.address,
  );
  return isPrivate ? undefined : `${allowed}, within ${PRIVATE.join(', ')}: this one is not private`;
}

interface Range {
  /** As one number, 0 to 2^32 - 1. */
  readonly address: number;
  readonly prefix: number;
}

function parse(text: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) {
    return undefined;
  }
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((byte) => byte > 255) || prefix > 32) {
    return undefined;
  }
  return { address: a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d, prefix };
}

/** The first address of the range that holds `address`. */
const start = ({ address, prefix }: Range): number => address - (address % 2 ** (32 - prefix));

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
