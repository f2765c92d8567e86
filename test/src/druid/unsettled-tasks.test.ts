import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { discardUnsettledTasks, noteStop, STOPPING } from '../../../src/druid/unsettled-tasks.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'igrid-tasks-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A task that wrote its rows `agoS` seconds ago. */
function task(slot: string, id: string, agoS: number): void {
  const persist = join(directory, slot, id, 'work', 'persist');
  mkdirSync(persist, { recursive: true });
  writeFileSync(join(directory, slot, id, 'task.json'), '{}');
  const commit = join(persist, 'commit.json');
  writeFileSync(commit, '{}');
  const at = Date.now() / 1_000 - agoS;
  utimesSync(commit, at, at);
}

const restored = (): unknown => JSON.parse(readFileSync(join(directory, 'restore.json'), 'utf8'));

describe('tasks of an Indexer that starts again', () => {
  it('are thrown away when it was killed', async () => {
    task('slot0', 'a', 10);
    task('slot1', 'b', 20);
    writeFileSync(join(directory, 'restore.json'), JSON.stringify({ runningTasks: ['a', 'b', 'c'] }));
    expect((await discardUnsettledTasks(directory)).sort()).toEqual(['a', 'b']);
    expect(existsSync(join(directory, 'slot0', 'a'))).toBe(false);
    expect(restored()).toEqual({ runningTasks: ['c'] });
  });

  it('are restored when they wrote after it was asked to stop, and only once', async () => {
    await noteStop(directory);
    const before = Date.now() / 1_000 - 60;
    utimesSync(join(directory, STOPPING), before, before);
    task('slot0', 'settled', 10);
    task('slot1', 'killed', 100);
    writeFileSync(join(directory, 'restore.json'), JSON.stringify({ runningTasks: ['settled', 'killed'] }));
    expect(await discardUnsettledTasks(directory)).toEqual(['killed']);
    expect(restored()).toEqual({ runningTasks: ['settled'] });
    // It has run meanwhile, and is killed now.
    expect(await discardUnsettledTasks(directory)).toEqual(['settled']);
  });

  it('are restored when they have written nothing yet', async () => {
    mkdirSync(join(directory, 'slot0', 'a', 'work'), { recursive: true });
    expect(await discardUnsettledTasks(directory)).toEqual([]);
    expect(existsSync(join(directory, 'slot0', 'a'))).toBe(true);
  });

  it('are none at the first start', async () => {
    const missing = join(directory, 'none');
    await noteStop(missing);
    expect(await discardUnsettledTasks(missing)).toEqual([]);
  });

  it('are thrown away though the list of tasks is cut off', async () => {
    task('slot0', 'a', 10);
    writeFileSync(join(directory, 'restore.json'), '{"runn');
    expect(await discardUnsettledTasks(directory)).toEqual(['a']);
  });
});
