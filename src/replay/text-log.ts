/** The replay's events as lines for people. */
import type { ReplayEvent } from './events.ts';

const number = new Intl.NumberFormat('en-GB');

/** One line. */
export function describeEvent(event: ReplayEvent): string {
  const time = new Date(event.at_ms).toISOString().slice(11, 19);
  return `${time} ${describe(event)}`;
}

function describe(event: ReplayEvent): string {
  switch (event.event) {
    case 'started':
      return (
        `replaying ${number.format(event.appliances)} appliances of ${number.format(event.houses)} houses ` +
        `at speed ${event.speed}, epoch ${event.epoch_ms}`
      );
    case 'backfilled':
      return (
        `${number.format(event.readings)} readings of the past are in; ` +
        `live from ${new Date(event.live_from_ms).toISOString()}`
      );
    case 'progress':
      return (
        `${event.phase}: ${number.format(event.readings_per_s)} readings/s, ` +
        `${number.format(event.acknowledged)} acknowledged, ${number.format(event.pending)} under way` +
        (event.late_ms > 0 ? `, ${number.format(Math.round(event.late_ms))} ms late` : '')
      );
    case 'stopped':
      return (
        `stopped (${event.reason}) after ${number.format(event.seconds)} s: ${number.format(event.sent)} sent, ` +
        `${number.format(event.acknowledged)} acknowledged, ${number.format(event.failed)} failed, ` +
        `${number.format(event.late)} late (${number.format(Math.round(event.late_ms_max))} ms at most)` +
        reasons('; rows rejected', event.rejected) +
        reasons('; readings skipped', event.skipped)
      );
  }
}

function reasons(title: string, counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  if (some.length === 0) {
    return '';
  }
  return `${title}: ${some.map(([reason, count]) => `${reason} ${number.format(count)}`).join(', ')}`;
}
