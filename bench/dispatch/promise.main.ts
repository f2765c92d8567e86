/**
 * Whether plans keep what they promise: events are planned on a made-up fleet that then lives on, and what its appliances
 * would have drawn is what the calls relieve.
 *
 *   npx tsx bench/dispatch/promise.main.ts [EVENTS] [APPLIANCES] [MINUTES] [SHARE]    default: 200, 1600, 15, 0.05 of the load
 *
 * The table is learnt from another fleet. Weather and habits differ from event to event: the rate at which appliances
 * switch on varies by 10 % (standard deviation). Each called appliance obeys with the policy's response rate.
 */
import { randomFrom } from '../../src/core/random.ts';
import { plan } from '../../src/dispatch/planner.ts';
import { policyOf } from '../../src/dispatch/policy.ts';
import { StateTable } from '../../src/dispatch/state-table.ts';
import { columnsOf, learn, LivingFleet } from './fleets.ts';

const [events = '200', appliances = '1600', minutes = '15', share = '0.05'] = process.argv.slice(2);
const policy = policyOf();
const table = new StateTable(learn(1, 800, 2_500));
const random = randomFrom(99);
const living = new LivingFleet(2, Number(appliances));
for (let minute = 0; minute < 300; minute += 1) {
  living.live();
}

/** The sum of twelve uniform numbers: near enough to normal. */
const normal = (): number => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);

const ratios: number[] = [];
let [kept, expectedSum, promisedSum, deliveredSum, calls, short] = [0, 0, 0, 0, 0, 0];
for (let event = 0; event < Number(events); event += 1) {
  for (let minute = 0; minute < 60; minute += 1) {
    living.live();
  }
  const fleet = columnsOf(living, (name) => table.rowOf('', name));
  const loadW = fleet.houses.powerW.reduce((sum, watts) => sum + watts, 0);
  const made = plan({
    request: { eventId: `event ${event}`, feeder: 'F1', targetW: Number(share) * loadW, minutes: Number(minutes) },
    feeder: { name: 'F1', loadW, limitW: 1.5 * loadW },
    fleet,
    table,
    policy,
  });
  const hazard = Math.max(0.5, 1 + 0.1 * normal());
  const index = new Map(living.appliances.map((_, at) => [fleet.idOf(at), at]));
  const obeying = made.calls
    .filter(({ class: class_ }) => random() < policy.responseRate[class_])
    .map((call) => {
      const offFrom = call.startMin + call.delayMin + policy.startJitterMin * random();
      const offTo = Math.min(call.untilMin + policy.releaseJitterMin * random(), made.minutes);
      return { call, at: index.get(call.applianceId) ?? 0, offFrom, offTo, deliveredW: 0 };
    });
  for (let minute = 0; minute < Number(minutes); minute += 1) {
    living.live(hazard);
    for (const one of obeying) {
      const off = Math.max(0, Math.min(one.offTo, minute + 1) - Math.max(one.offFrom, minute));
      const appliance = living.appliances[one.at];
      if (appliance) {
        one.deliveredW += (off * living.powerW(appliance)) / Number(minutes);
      }
    }
  }
  const deliveredW = obeying.reduce((sum, one) => sum + one.deliveredW, 0);
  expectedSum += made.expectedW;
  promisedSum += made.promisedW;
  deliveredSum += deliveredW;
  calls += made.calls.length;
  if (made.shortW > 0) {
    short += 1;
  }
  if (deliveredW >= made.promisedW) {
    kept += 1;
  }
  ratios.push(deliveredW / made.expectedW);
}
const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
const sd = Math.sqrt(ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / ratios.length);
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
process.stdout.write(
  `${events} events of ${minutes} min, ${percent(Number(share))} of the load, ${(calls / Number(events)).toFixed(0)} called on average, ${short} short: ` +
    `promise kept in ${percent(kept / Number(events))}, delivered / expected ${(deliveredSum / expectedSum).toFixed(3)} ` +
    `(single events ${mean.toFixed(3)} +- ${sd.toFixed(3)}), delivered / promised at 90 % ${(deliveredSum / promisedSum).toFixed(3)}\n`,
);
