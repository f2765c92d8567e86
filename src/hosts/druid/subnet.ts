/** The router of a subnet: VPC gives it the first address after the network's own. */
export function gatewayOf(cidr: string): string {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
  if (!match) {
    throw new RangeError(`${cidr} is no IPv4 range`);
  }
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  // Arithmetic, since << works on signed numbers of 32 bits.
  const size = 2 ** (32 - bits);
  const address = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  const gateway = Math.floor(address / size) * size + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(gateway / 2 ** shift) % 256).join('.');
}
