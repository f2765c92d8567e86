/** What `npm run shed` prints for people. */
import type { EventView, FeederView, PlanView } from '../api/schemas.ts';

const kw = (value: number): string => `${value.toFixed(3)} kW`;

export function describePlan(plan: PlanView): string {
  const houses = new Set(plan.calls.map(({ house }) => house)).size;
  const excluded = Object.entries(plan.excluded).map(([reason, count]) => `${count} ${reason}`);
  return [
    `plan for ${kw(plan.target_kw)} on feeder ${plan.feeder}: ${kw(plan.promised_kw)} promised, ${kw(plan.expected_kw)} expected`,
    `  ${plan.calls.length} appliances in ${houses} houses, ${plan.held_out} held out for comparison, ${plan.candidates} on the feeder`,
    ...(plan.short_kw > 0 ? [`  short by ${kw(plan.short_kw)}: ask for less, or for another time`] : []),
    `  rebound: ${kw(plan.rebound_kw)} at most, ${plan.rebound_kwh.toFixed(3)} kWh`,
    ...(excluded.length > 0 ? [`  not called: ${excluded.join(', ')}`] : []),
    ...plan.calls.map(
      ({ appliance, name, expected_kw }) => `  ${appliance.padEnd(16)} ${name.padEnd(20)} ${kw(expected_kw)}`,
    ),
  ].join('\n');
}

export function describeEvent(event: EventView): string {
  const calls = Object.entries(event.calls).map(([status, count]) => `${count} ${status}`);
  return [
    `event ${event.id} on feeder ${event.feeder}: ${event.phase}${event.note === '' ? '' : ` (${event.note})`}`,
    `${kw(event.promised_kw)} of ${kw(event.target_kw)} promised`,
    `${event.acked} of ${event.commands} houses acknowledged`,
    ...(calls.length > 0 ? [`appliances: ${calls.join(', ')}`] : []),
  ].join(', ');
}

export function describeFeeders(feeders: readonly FeederView[]): string {
  return feeders
    .map(({ feeder, limit_kw, power_kw, sheddable_kw }) => {
      return `feeder ${feeder}: ${kw(power_kw)} of ${kw(limit_kw)}, ${kw(sheddable_kw)} could be switched off`;
    })
    .join('\n');
}
