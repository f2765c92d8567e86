/** Which of the metrics that are asked for can have data in a rehearsal. */
import { RARE_METRICS } from '../../lib/config/metric-names.ts';
import { describeMetric, type WantedMetric } from './wanted.ts';

export interface ExpectedMetrics {
  /** Published by hosts, programs and filters of ours: each must have data. */
  readonly own: readonly WantedMetric[];
  /** Ours, too, but published only when something is wrong. */
  readonly rare: readonly WantedMetric[];
  /** Published by AWS' services themselves, which are emulated: data of them would prove nothing. Their number by namespace. */
  readonly aws: ReadonlyMap<string, number>;
}

/** Each metric once, whatever uses it. */
export function expectedMetrics(wanted: readonly WantedMetric[]): ExpectedMetrics {
  const once = [...new Map(wanted.map((metric) => [describeMetric(metric), metric])).values()];
  const ours = once.filter(({ namespace }) => !namespace.startsWith('AWS/'));
  const aws = new Map<string, number>();
  for (const { namespace } of once.filter((metric) => !ours.includes(metric))) {
    aws.set(namespace, (aws.get(namespace) ?? 0) + 1);
  }
  const isRare = ({ name }: WantedMetric): boolean => Object.values<string>(RARE_METRICS).includes(name);
  return {
    own: ours.filter((metric) => !isRare(metric)),
    rare: ours.filter(isRare),
    aws,
  };
}

/** What was seen, for the report. */
export function describeExpected({ own, rare, aws }: ExpectedMetrics): string {
  const services = [...aws].map(([namespace, count]) => `${namespace} ${count}`);
  return [
    `${own.length} metrics of hosts, programs and filters have data`,
    `${rare.length} have data only when something is wrong (${rare.map(({ name }) => name).join(', ')})`,
    `not checked, because only AWS' own services publish them: ${services.join(', ')}`,
  ].join('; ');
}
