/** docs/reference/alarms.md: every alarm of a deployment, from its synthesised template. */
import { z } from 'zod';

import { code, GENERATED, table } from './markdown.ts';

/** Alarms of a template, as far as the page shows them. */
const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  ComparisonOperator: z.enum(['GreaterThanThreshold', 'LessThanThreshold']),
  Threshold: z.number(),
  EvaluationPeriods: z.int(),
  DatapointsToAlarm: z.int(),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  Namespace: z.string(),
  MetricName: z.string(),
  Period: z.int(),
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
});

type Alarm = z.output<typeof alarmSchema>;

const resourcesSchema = z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() }));

const WORDS = { GreaterThanThreshold: 'above', LessThanThreshold: 'below' } as const;

const INTRODUCTION = `# Alarms

${GENERATED}

The alarms of the preset \`seed\`. \`NAME\` is the deployment's name, \`N\` the number of a broker or a host. An alarm sends a mail to
\`operations.alarmEmail\` when it turns on and when it is over. What to do: [operate/alarms.md](../operate/alarms.md), by the link of
each alarm. \`treated as\` says what an alarm makes of missing data.`;

const HEADER = ['alarm', 'means', 'metric', 'statistic', 'turns on', 'missing data treated as', 'fix'];

/**
 * @param resources of the template of the stack `operations`.
 * @param name of the deployment.
 * @throws ZodError for an alarm that the page does not know how to show, such as one on an expression.
 */
export function alarmsPage(resources: unknown, name: string): string {
  const alarms = Object.values(resourcesSchema.parse(resources))
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => alarmSchema.parse(Properties));
  const rows = new Map(alarms.map((alarm) => rowOf(alarm, name)).map((row) => [row.join('\n'), row]));
  const sorted = [...rows.values()].sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
  return `${INTRODUCTION}\n\n${table(HEADER, sorted)}\n`;
}

/** Alarms that differ only in the number of a broker or host have the same row. */
function rowOf(alarm: Alarm, name: string): string[] {
  const [what = '', link = ''] = alarm.AlarmDescription.split(' Runbook: ');
  const id = alarm.AlarmName.slice(name.length);
  const { Namespace, MetricName, Period, Statistic, ExtendedStatistic } = alarm;
  const section = link.split('#')[1] ?? '';
  return [
    code(`NAME${unnumbered(id)}`),
    unnumbered(what),
    code(`${Namespace.replace(`/${name}`, '/NAME')} ${MetricName}`),
    `${Statistic ?? ExtendedStatistic ?? ''} of ${span(Period)}`,
    `${WORDS[alarm.ComparisonOperator]} ${alarm.Threshold.toLocaleString('en-GB')}, ${periods(alarm)}`,
    alarm.TreatMissingData === 'breaching' ? 'bad' : 'good',
    `[${section}](../operate/alarms.md#${section})`,
  ];
}

function periods({ DatapointsToAlarm, EvaluationPeriods, Period }: Alarm): string {
  return DatapointsToAlarm === EvaluationPeriods
    ? `for ${span(EvaluationPeriods * Period)}`
    : `in ${DatapointsToAlarm} of ${EvaluationPeriods} periods`;
}

function span(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** `replay-0`, `broker-3`, `broker 3`: the numbers of hosts and brokers. */
const unnumbered = (text: string): string => text.replaceAll(/\b(broker|replay)([- ])\d+/gi, '$1$2N');
