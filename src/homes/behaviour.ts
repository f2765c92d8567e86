/** How simulated houses behave: who never answers, what does not switch, who opts out when. The same for the same seed. */
import { createHash } from 'node:crypto';

export interface BehaviourRates {
  /** The share of houses that receive nothing of an event. @default 0 */
  readonly silent?: number;
  /** The share of calls whose appliance does not switch. @default 0 */
  readonly failing?: number;
  /** The share of houses that opt out of an event while it holds them. @default 0 */
  readonly optOut?: number;
}

/** What a house does about an event. All figures follow from the seed, the house, the event and the appliance. */
export interface Behaviour {
  isSilent(event: string): boolean;
  fails(event: string, appliance: string): boolean;
  /** When it opts out, as a share of the time that it is held; undefined when it does not. */
  optsOutAt(event: string): number | undefined;
}

/** @throws RangeError for a rate that is not within 0 and 1. */
export function behaviourOf(seed: number, house: string, rates: BehaviourRates): Behaviour {
  const { silent = 0, failing = 0, optOut = 0 } = rates;
  for (const [name, rate] of Object.entries({ silent, failing, optOut })) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new RangeError(`${name} must be 0 to 1, not ${rate}`);
    }
  }
  const draw = (...what: string[]): number => {
    const digest = createHash('sha256')
      .update([seed, house, ...what].join('\n'))
      .digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  };
  return {
    isSilent: (event) => draw(event, 'silent') < silent,
    fails: (event, appliance) => draw(event, appliance, 'failing') < failing,
    optsOutAt: (event) => (draw(event, 'opt-out') < optOut ? draw(event, 'opt-out at') : undefined),
  };
}
