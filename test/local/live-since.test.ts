import { expect, test } from '@jest/globals';

import { LiveSince } from '../../local/live-since.ts';

test('a run is live once there are figures and a reading is queryable within the watermark', () => {
  const live = new LiveSince();
  expect(live.onFigures(1_000)).toBe(false);
  live.onFreshness(45_000);
  expect(live.onFigures(2_000)).toBe(false);
  live.onFreshness(150);
  expect(live.ms).toBe(Infinity);
  expect(live.onFigures(3_000)).toBe(true);
  expect(live.ms).toBe(3_000);
});

test('a run becomes live once', () => {
  const live = new LiveSince();
  live.onFreshness(150);
  expect(live.onFigures(1_000)).toBe(true);
  live.onFreshness(150);
  expect(live.onFigures(2_000)).toBe(false);
  expect(live.ms).toBe(1_000);
});

test('a run is live a minute after its first figures, however late Druid is', () => {
  const live = new LiveSince();
  expect(live.onFigures(1_000)).toBe(false);
  expect(live.onFigures(61_000)).toBe(false);
  expect(live.onFigures(61_001)).toBe(true);
});
