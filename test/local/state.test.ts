import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { LocalState, mustFitTogether } from '../../local/state.ts';

const only = (playback: number) => ({ from: playback, to: playback + 1 });

describe('the state between runs', () => {
  let directory = '';
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'igrid-state-'))));
  afterEach(() => rm(directory, { recursive: true }));

  test('keeps the epoch of a speed from run to run, so that the time of day continues', async () => {
    expect(await (await LocalState.open(directory, () => undefined)).epoch(24, 1_000)).toBe(1_000);
    expect(await (await LocalState.open(directory, () => undefined)).epoch(24, 2_000)).toBe(1_000);
    expect(await (await LocalState.open(directory, () => undefined)).epoch(12, 2_000)).toBe(2_000);
  });

  test('notes spans as whole seconds, since Druid rolls up to seconds', async () => {
    const second = Math.floor(Date.now() / 1_000) * 1_000;
    await (await LocalState.open(directory, () => undefined)).live({ from: 2, to: 3, fromMs: second - 5_400 }).end();
    const ended = Date.now();
    const state = await LocalState.open(directory, () => undefined);
    const [span] = state.spansOf(only(2));
    expect(span).toMatchObject({ from: 2, to: 3, fromMs: second - 6_000 });
    expect((span?.toMs ?? NaN) % 1_000).toBe(0);
    expect(span?.toMs).toBeGreaterThanOrEqual(second);
    expect(span?.toMs).toBeLessThan(ended + 1_000);
    expect(state.spansOf(only(3))).toEqual([]);
  });

  test('says that a run that was killed may have readings up to a little after its last note', async () => {
    const state = await LocalState.open(directory, () => undefined);
    const fromMs = Date.now() - 1_000;
    const live = state.live({ from: 0, to: 4, fromMs });
    await state.epoch(1, 0);
    // What a run that starts now would read, if this one were dead.
    const [span] = (await LocalState.open(directory, () => undefined)).spansOf(only(3));
    expect(span?.toMs).toBeGreaterThan(Date.now());
    await live.end();
    const [ended] = (await LocalState.open(directory, () => undefined)).spansOf(only(3));
    expect(ended?.toMs).toBeLessThanOrEqual(Math.ceil(Date.now() / 1_000) * 1_000);
  });

  test.each(['', '{"epochs":{"24":1', '{"epochs":{}}', '[]', 'null'])(
    'continues after a file that says %j: sets it aside, notes that, and fills no past twice',
    async (text) => {
      const file = join(directory, 'grid.json');
      await writeFile(file, text);
      const notes: string[] = [];
      const state = await LocalState.open(directory, (note) => notes.push(note));
      expect(notes).toHaveLength(1);
      expect(notes[0]).toContain(file);
      expect(notes[0]).toContain('--fresh');
      expect(await readFile(`${file}.damaged`, 'utf8')).toBe(text);
      // What the killed run may have sent is covered, for every playback.
      for (const playback of [0, 7]) {
        expect(state.spansOf(only(playback))).toEqual([expect.objectContaining({ fromMs: 0 })]);
        expect(state.spansOf(only(playback))[0]?.toMs).toBeGreaterThan(Date.now());
      }
      expect(await state.epoch(24, 1_000)).toBe(1_000);
      const next = await LocalState.open(directory, (note) => notes.push(note));
      expect(notes).toHaveLength(1);
      expect(next.spansOf(only(7))).toEqual(state.spansOf(only(7)));
    },
  );

  test('survives a folder that is gone: notes that once, and writes again when it is back', async () => {
    const notes: string[] = [];
    const inner = join(directory, 'state');
    await mkdir(inner);
    const state = await LocalState.open(inner, (note) => notes.push(note));
    const live = state.live({ from: 0, to: 4, fromMs: Date.now() });
    await state.epoch(24, 1_000);
    expect(state.failure).toBeUndefined();
    await rm(inner, { recursive: true });
    await expect(state.epoch(12, 1_000)).rejects.toThrow(/grid\.json can't be written .*--fresh/);
    await expect(state.epoch(6, 1_000)).rejects.toThrow(/grid\.json can't be written/);
    expect(notes).toHaveLength(1);
    expect(state.failure).toBe(notes[0]);
    await mkdir(inner);
    await live.end();
    expect(state.failure).toBeUndefined();
    expect((await LocalState.open(inner, () => undefined)).spansOf(only(0))).toHaveLength(1);
  });

  test("does not begin with Druid's data alone: its offsets are of topics that are gone", async () => {
    const [kafka, druid] = [join(directory, 'kafka'), join(directory, 'druid')];
    await mustFitTogether(kafka, druid);
    await mkdir(join(druid, 'metadata'), { recursive: true });
    await mkdir(join(kafka, 'data'), { recursive: true });
    await expect(mustFitTogether(kafka, druid)).rejects.toThrow(/kafka has no data, .*--fresh/);
    await writeFile(join(kafka, 'data', 'meta.properties'), '');
    await mustFitTogether(kafka, druid);
  });
});
