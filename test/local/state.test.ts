import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LocalState } from '../../local/state.ts';

describe('the state between runs', () => {
  let directory = '';
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'igrid-state-'))));
  afterEach(() => rm(directory, { recursive: true }));

  test('keeps the epoch of a speed from run to run, so that the time of day goes on', async () => {
    expect(await (await LocalState.open(directory)).epoch(24, 1_000)).toBe(1_000);
    expect(await (await LocalState.open(directory)).epoch(24, 2_000)).toBe(1_000);
    expect(await (await LocalState.open(directory)).epoch(12, 2_000)).toBe(2_000);
  });

  test('notes spans as whole seconds, since Druid rolls up to seconds', async () => {
    const second = Math.floor(Date.now() / 1_000) * 1_000;
    await (await LocalState.open(directory)).live({ from: 2, to: 3, fromMs: second - 5_400 }).end();
    const ended = Date.now();
    const state = await LocalState.open(directory);
    const [span] = state.spansOf(2);
    expect(span).toMatchObject({ from: 2, to: 3, fromMs: second - 6_000 });
    expect((span?.toMs ?? NaN) % 1_000).toBe(0);
    expect(span?.toMs).toBeGreaterThanOrEqual(second);
    expect(span?.toMs).toBeLessThan(ended + 1_000);
    expect(state.spansOf(3)).toEqual([]);
  });

  test('says that a run that was killed may have readings up to a little after its last note', async () => {
    const state = await LocalState.open(directory);
    const fromMs = Date.now() - 1_000;
    const live = state.live({ from: 0, to: 4, fromMs });
    await state.epoch(1, 0);
    // What a run that starts now would read, if this one were dead.
    const [span] = (await LocalState.open(directory)).spansOf(3);
    expect(span?.toMs).toBeGreaterThan(Date.now());
    await live.end();
    const [ended] = (await LocalState.open(directory)).spansOf(3);
    expect(ended?.toMs).toBeLessThanOrEqual(Math.ceil(Date.now() / 1_000) * 1_000);
  });
});
