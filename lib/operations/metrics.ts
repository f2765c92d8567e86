import type { GridConfig } from '../config/schema.ts';

/** Where the deployment's own metrics stand in CloudWatch. */
export function metricNamespace(config: Pick<GridConfig, 'name'>): string {
  return `iGrid/${config.name}`;
}
