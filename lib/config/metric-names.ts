import type { GridConfig } from './schema.ts';

/** Metrics that have data only when something is wrong. */
export const RARE_METRICS = { slotFailures: 'SlotFailures', druidUnanswered: 'DruidUnanswered' } as const;

/** The CloudWatch namespace of the deployment's own metrics. */
export function metricNamespace(config: Pick<GridConfig, 'name'>): string {
  return `iGrid/${config.name}`;
}
