/** What alarms and dashboards ask CloudWatch for, as templates and the API spell it. */
import { z } from 'zod';

/** A metric that an alarm or a graph asks for. */
export interface WantedMetric {
  /** Who asks, for the reader of an error: `alarm NAME` or `dashboard NAME, "TITLE"`. */
  readonly by: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly period: number;
}

/** Something asks for metrics in a way that can't be checked, or for none: one line that names it. */
export class WantedMetricError extends Error {
  override readonly name = 'WantedMetricError';
}

const dimensionsSchema = z.array(z.object({ Name: z.string(), Value: z.string() })).optional();

const metricSchema = z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensionsSchema });

const alarmSchema = z.union([
  z.object({
    AlarmName: z.string(),
    Metrics: z
      .array(
        z.object({
          Id: z.string(),
          Expression: z.string().optional(),
          MetricStat: z.object({ Metric: metricSchema, Period: z.number() }).optional(),
        }),
      )
      .min(1),
  }),
  metricSchema.extend({ AlarmName: z.string(), Period: z.number() }),
]);

/**
 * Metrics of an alarm; those of its expressions, if it has any.
 *
 * @param alarm properties of AWS::CloudWatch::Alarm, or an alarm of DescribeAlarms.
 * @throws WantedMetricError, ZodError.
 */
export function alarmMetrics(alarm: unknown): WantedMetric[] {
  const parsed = alarmSchema.parse(alarm);
  const by = `alarm ${parsed.AlarmName}`;
  const wanted = ({ Namespace, MetricName, Dimensions = [] }: z.output<typeof metricSchema>, period: number) => ({
    ...{ by, namespace: Namespace, name: MetricName, period },
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  });
  if (!('Metrics' in parsed)) {
    return [wanted(parsed, parsed.Period)];
  }
  checkExpressions(
    by,
    parsed.Metrics.map(({ Id }) => Id),
    parsed.Metrics.flatMap(({ Expression }) => Expression ?? []),
  );
  return parsed.Metrics.flatMap(({ MetricStat }) => (MetricStat ? [wanted(MetricStat.Metric, MetricStat.Period)] : []));
}

/** Names or ARNs of the alarms of which the rule of a composite alarm is made. */
export function composedAlarms(rule: string): string[] {
  return [...rule.matchAll(/\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*"?([^")]+?)"?\s*\)/g)].map(([, name = '']) => name);
}

const optionsSchema = z.object({
  id: z.string().optional(),
  expression: z.string().optional(),
  period: z.number().optional(),
});

const rowSchema = z.array(z.union([z.string(), optionsSchema])).min(1);

const dashboardSchema = z.object({
  widgets: z.array(
    z.union([
      z.object({
        type: z.literal('metric'),
        properties: z.object({
          title: z.string(),
          period: z.number().optional(),
          metrics: z.array(rowSchema).default([]),
        }),
      }),
      z.object({ type: z.literal('text') }),
    ]),
  ),
});

/** CloudWatch's own, of a widget and a metric that name none, seconds. */
const DEFAULT_PERIOD = 300;

/**
 * Metrics of a dashboard's graphs, see
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 *
 * @param body its JSON text.
 * @throws WantedMetricError, ZodError.
 */
export function dashboardMetrics(dashboard: string, body: string): WantedMetric[] {
  const { widgets } = dashboardSchema.parse(JSON.parse(body));
  return widgets.flatMap((widget) => {
    if (widget.type === 'text') {
      return [];
    }
    const { title, metrics, period = DEFAULT_PERIOD } = widget.properties;
    const by = `dashboard ${dashboard}, "${title}"`;
    if (metrics.length === 0) {
      throw new WantedMetricError(`${by}: a graph without a metric`);
    }
    const rows = metrics.map((row) => {
      const last = row.at(-1);
      const options = typeof last === 'object' ? last : {};
      return { options, names: row.filter((cell) => typeof cell === 'string') };
    });
    const identities = rows.flatMap(({ options }) => options.id ?? []);
    checkExpressions(
      by,
      identities,
      rows.flatMap(({ options }) => options.expression ?? []),
    );
    return rows.flatMap(({ names, options }): WantedMetric[] => {
      const [namespace, name, ...pairs] = names;
      if (options.expression !== undefined) {
        return [];
      }
      if (namespace === undefined || name === undefined || pairs.length % 2 !== 0 || names.includes('.')) {
        throw new WantedMetricError(`${by}: not a metric that is written out: ${JSON.stringify(names)}`);
      }
      const dimensions = Object.fromEntries(
        Array.from(
          { length: pairs.length / 2 },
          (_, index) => pairs.slice(2 * index, 2 * index + 2) as [string, string],
        ),
      );
      return [{ by, namespace, name, dimensions, period: options.period ?? period }];
    });
  });
}

/** Functions that find metrics by themselves: what they ask for is not in the expression. */
const SEARCHES = /\b(SEARCH|SELECT|INSIGHT_RULE_METRIC|METRIC_COUNT)\b/;

/** @throws WantedMetricError for an expression that refers to nothing, or to what is not there. */
function checkExpressions(by: string, identities: readonly string[], expressions: readonly string[]): void {
  for (const expression of expressions) {
    if (SEARCHES.test(expression)) {
      throw new WantedMetricError(`${by}: the metrics of ${expression} can't be known: name each of them`);
    }
    const unquoted = expression.replaceAll(/"[^"]*"|'[^']*'/g, '');
    const references = unquoted.match(/\b[a-z][A-Za-z0-9_]*\b/g) ?? [];
    const unknown = references.filter((reference) => !identities.includes(reference));
    if (unknown.length > 0) {
      throw new WantedMetricError(`${by}: ${expression} refers to ${unknown.join(', ')}, which is no metric of it`);
    }
    if (references.length === 0 && !(unquoted.includes('METRICS(') && identities.length > 0)) {
      throw new WantedMetricError(`${by}: ${expression} refers to no metric`);
    }
  }
}

/** A metric as one line: what alarms, publishers and the report call it. */
export function describeMetric({ namespace, name, dimensions }: Omit<WantedMetric, 'by' | 'period'>): string {
  const pairs = Object.entries(dimensions)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map((pair) => pair.join('='));
  return `${namespace} ${name} {${pairs.join(', ')}}`;
}
