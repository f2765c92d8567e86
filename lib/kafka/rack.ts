/** How much of what consumers read has no copy in their own zone. */
import type { GridConfig } from '../config/schema.ts';

/**
 * Brokers choose the copy (`replica.selector.class`) that lies in the zone that a consumer names (`client.rack`), and the
 * leader where there is none. MSK spreads the copies of a partition over the zones.
 *
 * @returns 0 when every zone has a copy of everything, up to 1.
 */
export function farShare({ network, kafka }: Pick<GridConfig, 'network' | 'kafka'>): number {
  return Math.max(0, 1 - kafka.topics.powerraw.replication / network.zones);
}
