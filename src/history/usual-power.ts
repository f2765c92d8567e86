/** From what Druid holds of an appliance in the spans to its message of the slot. */
import { z } from 'zod';

import { appliances } from '../core/appliances/registry.ts';
import type { History } from '../core/messages/messages.ts';
import { TOPICS } from '../core/messages/topics.ts';
import type { Span } from './spans.ts';

/** One appliance's past, as {@link usualPowerSql} asks for it. */
export interface UsualPowerRow {
  readonly applianceId: string;
  readonly houseId: string;
  readonly applianceName: string;
  /** Over all spans, J of the wall clock. */
  readonly energyJ: number;
  /** Span by span, wall-clock ms. */
  readonly observedMs: readonly number[];
}

/** Names of what measures the grid itself and is in no house. */
const CANARIES = appliances()
  .filter(({ role }) => role === 'canary')
  .map(({ name }) => `'${name}'`);

/** A sum over no rows is NULL. */
const sum = z
  .number()
  .nullable()
  .transform((value) => value ?? 0);

/** The shape of a row of {@link usualPowerSql}'s answer for so many spans. */
export function usualPowerRow(spans: number): z.ZodType<UsualPowerRow> {
  const columns = Array.from({ length: spans }, (_, index) => observedColumn(index));
  return z
    .looseObject({ appliance_id: z.string(), house_id: z.string(), appliance_name: z.string(), energy: sum })
    .transform((row, context): UsualPowerRow => {
      const observed = z.array(sum).safeParse(columns.map((column) => row[column]));
      if (!observed.success) {
        context.addIssue(`${columns.join(', ')}: ${z.prettifyError(observed.error)}`);
      }
      return {
        applianceId: row.appliance_id,
        houseId: row.house_id,
        applianceName: row.appliance_name,
        energyJ: row.energy,
        observedMs: observed.data ?? [],
      };
    });
}

const observedColumn = (span: number): string => `observed_${span + 1}`;

/**
 * One query for all appliances. Rows of powerraw are partial sums (Druid's roll-up of a stream is best-effort), and sums
 * of partial sums are right. Mains and subpanels come along, since a house's mains now against its mains of other days
 * is worth a look; sums over appliances leave them out by their role, as everywhere. The canary is in no house. An
 * appliance that was renamed within the days counts under each of its names.
 */
export function usualPowerSql(spans: readonly Span[]): string {
  const within = ({ fromMs, toMs }: Span): string =>
    `(__time >= MILLIS_TO_TIMESTAMP(${fromMs}) AND __time < MILLIS_TO_TIMESTAMP(${toMs}))`;
  const observed = spans.map(
    (span, index) => `SUM(observed_ms) FILTER (WHERE ${within(span)}) AS ${observedColumn(index)}`,
  );
  return [
    `SELECT ${['appliance_id', 'house_id', 'appliance_name', 'SUM(energy) AS energy', ...observed].join(', ')}`,
    `FROM ${TOPICS.powerraw}`,
    `WHERE (${spans.map(within).join(' OR ')}) AND appliance_name NOT IN (${CANARIES.join(', ')})`,
    'GROUP BY 1, 2, 3',
  ].join(' ');
}

/**
 * The appliance's message: energy over observed time, which is the mean power whatever the sampling rate and however
 * unevenly the days were observed; a mean of the days' means is not.
 *
 * @param spans those that the row was asked for.
 * @returns undefined when nothing was observed: no data is not 0 W.
 */
export function usualPower(row: UsualPowerRow, slotMs: number, spans: readonly Span[]): History | undefined {
  const observedMs = row.observedMs.reduce((total, ms) => total + ms, 0);
  if (observedMs <= 0) {
    return undefined;
  }
  const askedMs = spans.reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0);
  return {
    house_id: row.houseId,
    appliance_id: row.applianceId,
    appliance_name: row.applianceName,
    timestamp: slotMs,
    mean_power: row.energyJ / (observedMs / 1_000),
    days: row.observedMs.filter((ms) => ms > 0).length,
    coverage: observedMs / askedMs,
  };
}
