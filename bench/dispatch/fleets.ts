/** A made-up fleet that lives on: appliances that switch as real ones do, for plans that are then carried out. */
import { randomFrom } from '../../src/core/random.ts';
import { emptyFleet, FLAG, type Fleet, kindOf } from '../../src/dispatch/fleet.ts';
import { StateSums } from '../../src/dispatch/state-sums.ts';
import { cellOf, HORIZONS_MIN } from '../../src/dispatch/states.ts';

/** How appliances of a name behave: mean minutes on and off, power on and off, spread of cycles and powers. */
interface Behaviour {
  readonly name: string;
  readonly onMin: number;
  readonly offMin: number;
  readonly onW: number;
  readonly offW: number;
  /** Cycles are gamma-like: 1 is memoryless, more is regular as a thermostat. */
  readonly regularity: number;
  /** Of 100 appliances. */
  readonly share: number;
}

const REFRIGERATOR: Behaviour = {
  name: 'refrigerator',
  onMin: 16,
  offMin: 40,
  onW: 150,
  offW: 3,
  regularity: 4,
  share: 24,
};
/** After the statistics of REDD, GREEND and the sample data. */
export const BEHAVIOURS: readonly Behaviour[] = [
  REFRIGERATOR,
  { name: 'air conditioning', onMin: 10, offMin: 14, onW: 900, offW: 10, regularity: 4, share: 6 },
  { name: 'dishwasher', onMin: 25, offMin: 500, onW: 1_100, offW: 1, regularity: 2, share: 8 },
  { name: 'television', onMin: 100, offMin: 400, onW: 130, offW: 2, regularity: 1, share: 20 },
  { name: 'computer', onMin: 200, offMin: 300, onW: 95, offW: 3, regularity: 1, share: 16 },
  { name: 'kettle', onMin: 4, offMin: 300, onW: 2_000, offW: 0, regularity: 1, share: 8 },
  { name: 'network router', onMin: 1e9, offMin: 1, onW: 10, offW: 10, regularity: 1, share: 18 },
];

export interface Appliance {
  readonly behaviour: Behaviour;
  readonly house: number;
  readonly onW: number;
  isOn: boolean;
  /** Minutes in the state so far, and in all. */
  since: number;
  left: number;
}

/** Lives minute by minute. What happens depends on the seed alone, never on what is planned. */
export class LivingFleet {
  readonly appliances: readonly Appliance[];
  readonly houses: number;
  readonly #random: () => number;

  /** @param appliancesPerHouse on average. */
  constructor(seed: number, appliances: number, appliancesPerHouse = 8) {
    this.#random = randomFrom(seed);
    this.houses = Math.ceil(appliances / appliancesPerHouse);
    this.appliances = Array.from({ length: appliances }, (): Appliance => {
      const behaviour = this.#behaviour();
      const one = {
        behaviour,
        house: Math.floor(this.#random() * this.houses),
        onW: behaviour.onW * (0.7 + 0.6 * this.#random()),
        isOn: this.#random() < behaviour.onMin / (behaviour.onMin + behaviour.offMin),
        since: 0,
        left: 0,
      };
      one.left = this.#length(one);
      one.since = Math.floor(one.left * this.#random());
      one.left -= one.since;
      return one;
    });
  }

  powerW({ behaviour, isOn, onW }: Appliance): number {
    return isOn ? onW : behaviour.offW;
  }

  /** One minute on. @param hazard multiplies the rate at which what is off goes on: weather, habits. Default: 1. */
  live(hazard = 1): void {
    for (const one of this.appliances) {
      one.since += 1;
      one.left -= one.isOn ? 1 : hazard;
      if (one.left > 0) {
        continue;
      }
      one.isOn = !one.isOn;
      one.since = 0;
      one.left = this.#length(one);
    }
  }

  #behaviour(): Behaviour {
    let at = 100 * this.#random();
    return BEHAVIOURS.find(({ share }) => (at -= share) < 0) ?? REFRIGERATOR;
  }

  /** A sum of exponential times: the more of them, the more regular. */
  #length({ behaviour, isOn }: Pick<Appliance, 'behaviour' | 'isOn'>): number {
    const mean = isOn ? behaviour.onMin : behaviour.offMin;
    let sum = 0;
    for (let part = 0; part < behaviour.regularity; part += 1) {
      sum -= Math.log(1 - this.#random());
    }
    return Math.max(1, Math.round((sum * mean) / behaviour.regularity));
  }
}

/** What a day or more of another fleet teaches: sums by name. */
export function learn(seed: number, appliances: number, minutes: number): StateSums {
  const fleet = new LivingFleet(seed, appliances);
  const sums = new StateSums();
  const past: { cells: Uint8Array; energy: Float64Array }[] = [];
  const energy = new Float64Array(appliances);
  for (let minute = 0; minute < minutes; minute += 1) {
    past.push({
      cells: Uint8Array.from(fleet.appliances, ({ isOn, since }) => cellOf(isOn, since)),
      energy: energy.slice(),
    });
    fleet.live();
    for (const [index, one] of fleet.appliances.entries()) {
      energy[index] = (energy[index] ?? 0) + fleet.powerW(one);
    }
    for (const [horizon, length] of HORIZONS_MIN.entries()) {
      const start = past.at(-length);
      if (!start || past.length < length) {
        continue;
      }
      for (const [index, { behaviour }] of fleet.appliances.entries()) {
        const mean = ((energy[index] ?? 0) - (start.energy[index] ?? 0)) / length;
        sums.add(behaviour.name, horizon, start.cells[index] ?? 0, mean);
      }
    }
    if (past.length > 60) {
      past.shift();
    }
  }
  return sums;
}

/** Its state now, as the planner reads it. */
export function columnsOf(living: LivingFleet, rowOf: (name: string) => number | undefined): Fleet {
  const kinds = BEHAVIOURS.map(({ name }) => kindOf(name));
  const kindIndex = new Map(BEHAVIOURS.map(({ name }, index) => [name, index]));
  const fleet = emptyFleet(living.appliances.length, living.houses, {
    kinds,
    idOf: (index) => `1_0_${living.appliances[index]?.house ?? 0}_${index}`,
    houseIdOf: (house) => `1_0_${house}`,
  });
  const { houses } = fleet;
  // Whatever is not a plug of ours draws 100 W in each house.
  houses.powerW.fill(100);
  for (const [index, one] of living.appliances.entries()) {
    fleet.kind[index] = kindIndex.get(one.behaviour.name) ?? 0;
    fleet.house[index] = one.house;
    fleet.row[index] = rowOf(one.behaviour.name) ?? 0;
    fleet.cell[index] = cellOf(one.isOn, one.since);
    fleet.flags[index] = FLAG.commandable | (one.isOn ? FLAG.isOn : 0);
    fleet.powerW[index] = living.powerW(one);
    fleet.inStateMin[index] = Math.min(one.since, 0xffff);
    fleet.coverage[index] = 100;
    houses.powerW[one.house] = (houses.powerW[one.house] ?? 0) + living.powerW(one);
  }
  return fleet;
}
