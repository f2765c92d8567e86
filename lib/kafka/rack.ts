/** Whether consumers read from the copy in their own zone. */
import type { GridConfig } from '../config/schema.ts';

/**
 * Brokers choose the copy (`replica.selector.class`) that lies in the zone that a consumer names (`client.rack`). Every
 * zone must have one: MSK spreads the copies of a partition over the zones.
 */
export function isRackAware({ network, kafka }: Pick<GridConfig, 'network' | 'kafka'>): boolean {
  return kafka.topics.powerraw.replication >= network.zones;
}
