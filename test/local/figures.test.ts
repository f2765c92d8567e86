import { describe, expect, test } from '@jest/globals';

import { applianceTitle, powerNow } from '../../local/figures.ts';

describe('power now', () => {
  test('is summed once, and shows what could be shed by class in one order', () => {
    const power = powerNow([
      { data_set: '2', class: 'thermostatic', watts: 150 },
      { data_set: '1', class: 'essential', watts: 300 },
      { data_set: '1', class: 'thermostatic', watts: 50 },
      { data_set: '1', class: 'discretionary', watts: 500 },
      { data_set: '1', class: null, watts: 7 },
    ]);
    expect(power).toEqual({
      watts: 1_007,
      sheddableWatts: 700,
      sheddable: [
        { name: 'deferrable', watts: 0 },
        { name: 'thermostatic', watts: 200 },
        { name: 'discretionary', watts: 500 },
      ],
      dataSets: [
        { name: 'REDD', watts: 857 },
        { name: 'GREEND', watts: 150 },
      ],
    });
  });
});

describe('an appliance', () => {
  test.each([
    ['lamp', '2_1_0_7', 'lamp, GREEND 0 #1, 7'],
    ['refrigerator', '1_12_3_5', 'refrigerator, REDD 3 #12, 5'],
    ['meter', '0_canary_1', 'meter, 0_canary_1'],
    ['meter', 'other', 'meter, other'],
  ])('%s %s is called as on the dashboard', (name, id, title) => {
    expect(applianceTitle(name, id)).toBe(title);
  });
});
