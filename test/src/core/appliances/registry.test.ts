import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import {
  appliance,
  appliances,
  lookups,
  SHEDDABLE_CLASSES,
  shedding,
  thresholds,
} from '../../../../src/core/appliances/registry.ts';

const never = (message: string): never => {
  throw new Error(message);
};

/** The labels of REDD's low_freq, of GREEND's nine buildings as its authors list them, and of the sample data. */
const REDD =
  'mains oven refrigerator dishwaser kitchen_outlets lighting washer_dryer microwave bathroom_gfi electric_heat stove ' +
  'disposal outlets_unknown electronics furance smoke_alarms air_conditioning miscellaeneous subpanel outdoor_outlets';
const GREEND =
  'coffee machine,washing machine,radio,water kettle,fridge w/ freezer,fride w/ freezer,dishwasher,kitchen lamp,' +
  'ktichen lamp,TV,vacuum cleaner,freezer,fridge,blender,network router,microwave,radio w/ amplifier,dryier,' +
  'kitchenware (mixer and fruit juicer),bedside light,NAS,drier,notebook,kitchenware,bread machine,entrance outlet,' +
  'fridge w/o freezer,hairdrier,computer,total outlets,total lights,kitchen TV,living room TV,electric oven,' +
  'computer w/ scanner and printer,hood,plasma TV,lamp,toaster,hob,iron,LCD TV,hair dryer,' +
  'videogame console and radio,dryer,TV w/ decoder and computer in living room,desktop computer w/ screen,bedroom TV';

describe('the registry', () => {
  test('knows every label of REDD, of GREEND and of the sample data', () => {
    const sample: unknown = JSON.parse(
      readFileSync(new URL('../../../../sample-data/greend/labels.json', import.meta.url), 'utf8'),
    );
    const labels = [
      ...REDD.split(' '),
      ...GREEND.split(','),
      ...Object.values(sample as Record<string, string[]>).flat(),
    ];
    for (const label of labels) {
      expect(appliance(label, never).type).not.toBe('unknown');
    }
  });

  test('has one name for the spellings of one thing', () => {
    const names = (...labels: string[]): string[] => labels.map((label) => appliance(label, never).name);
    expect(new Set(names('dishwaser', 'dishwasher'))).toEqual(new Set(['dishwasher']));
    expect(new Set(names('drier', 'dryier', 'Dryer'))).toEqual(new Set(['dryer']));
    expect(new Set(names('fridge', 'refrigerator', 'fridge w/o freezer'))).toEqual(new Set(['refrigerator']));
    expect(names('furance', 'KITCHEN OUTLETS')).toEqual(['furnace', 'kitchen outlets']);
  });

  test('sums neither mains nor subpanels nor the canary', () => {
    const roles = (label: string): string => appliance(label, never).role;
    expect(['mains', 'subpanel', 'total outlets', 'canary'].map(roles)).toEqual([
      'mains',
      'subpanel',
      'subpanel',
      'canary',
    ]);
    expect(appliances().filter(({ role }) => role === 'appliance')).toHaveLength(appliances().length - 4);
  });

  test('takes an unlisted label for unknown, and warns once', () => {
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    const { default_w } = thresholds();
    expect(appliance('hot tub', warn)).toMatchObject({ name: 'unknown', type: 'unknown', on_threshold_w: default_w });
    expect(appliance('Hot_Tub', warn).name).toBe('unknown');
    expect(warnings).toEqual([expect.stringContaining('hot tub')]);
  });
});

describe('what the registry gives to others', () => {
  test('is a threshold for every name, above what a refrigerator idles at', () => {
    const { default_w, names, appliances: single } = thresholds();
    expect(Object.keys(names).sort()).toEqual(
      appliances()
        .map(({ name }) => name)
        .sort(),
    );
    expect(names.refrigerator).toBeGreaterThan(6 * 1.2);
    expect(names.refrigerator).toBeLessThan(62 * 0.8);
    expect(default_w).toBe(5);
    expect(single).toEqual({});
  });

  test('are lookups of class, type and role for every name', () => {
    const maps = lookups();
    expect(Object.keys(maps)).toEqual(['appliance_class', 'appliance_type', 'appliance_role']);
    for (const map of [maps.appliance_class, maps.appliance_type, maps.appliance_role]) {
      expect(Object.keys(map)).toHaveLength(appliances().length);
    }
    expect(maps.appliance_class.dishwasher).toBe('deferrable');
    expect(maps.appliance_type['fridge freezer']).toBe('refrigeration');
    expect(maps.appliance_role.mains).toBe('mains');
  });

  test('says of every sheddable appliance, and of no other, what demand response may do to it', () => {
    for (const { name, class: class_ } of appliances()) {
      const isSheddable = (SHEDDABLE_CLASSES as readonly string[]).includes(class_);
      expect([name, shedding(name)?.class]).toEqual([name, isSheddable ? class_ : undefined]);
    }
    expect(shedding('hot tub')).toBeUndefined();
  });

  test('lets a refrigerator be off for 15 min, and a running washing machine not at all', () => {
    expect(shedding('refrigerator')).toMatchObject({ maxOffMin: 15, minOnMin: 20, pausable: true, reboundShare: 1.3 });
    expect(shedding('washing machine')?.pausable).toBe(false);
    expect(shedding('dishwasher')?.pausable).toBe(true);
  });

  test('has no payback for discretionary appliances, and one for all others', () => {
    for (const { name } of appliances()) {
      const known = shedding(name);
      if (known) {
        expect([name, known.paybackShare > 0]).toEqual([name, known.class !== 'discretionary']);
      }
    }
  });
});
