import { EventEmitter } from 'node:events';

import { expect, test } from '@jest/globals';
import { render } from 'ink';
import { createElement } from 'react';

import { GridState } from '../../../engines/view/grid-state.ts';
import { Grid } from '../../../engines/view/live.tsx';

/** What a terminal of 120 columns would show of the state. */
function shown(state: GridState): string {
  const frames: string[] = [];
  const stdout = Object.assign(new EventEmitter(), {
    columns: 120,
    write: (text: string): boolean => {
      frames.push(text);
      return true;
    },
  });
  const { unmount } = render(createElement(Grid, { state }), {
    stdout: stdout as unknown as NodeJS.WriteStream,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  unmount();
  // With CI=true, ink ends with an empty line.
  return (frames.findLast((frame) => frame.trim() !== '') ?? '').replaceAll(/\[[0-9;]*m/g, '');
}

function liveState(): GridState {
  const state = new GridState();
  state.update({ phase: 'live' });
  for (const name of ['kafka', 'spark', 'replay']) {
    state.process(name, 'healthy');
  }
  state.figures({
    power: {
      watts: 3_000,
      sheddableWatts: 750,
      sheddable: [
        { name: 'deferrable', watts: 0 },
        { name: 'thermostatic', watts: 250 },
        { name: 'discretionary', watts: 500 },
      ],
      dataSets: [{ name: 'REDD', watts: 3_000 }],
    },
    readings: 12_345,
    topAppliances: [{ name: 'lamp, GREEND 0 #1, 7', watts: 60 }],
  });
  return state;
}

test('power now and what could be shed come before everything else', () => {
  const lines = shown(liveState()).split('\n');
  const at = (text: string): number => lines.findIndex((line) => line.includes(text));
  expect(lines[at('power now')]).toMatch(/power now\s+3\.00 kW/);
  expect(lines[at('could be shed')]).toMatch(/could be shed\s+0\.75 kW {2}25 %/);
  expect(at('power now')).toBeLessThan(at('could be shed'));
  expect(at('could be shed')).toBeLessThan(at('thermostatic'));
  expect(at('thermostatic')).toBeLessThan(at('12,345'));
  expect(at('lamp, GREEND 0 #1, 7')).toBeGreaterThan(0);
});

test('healthy processes are one line, others are named', () => {
  const state = liveState();
  expect(shown(state)).toContain('all 3 processes are healthy');
  expect(shown(state)).not.toContain('kafka');
  state.process('spark', 'restarting');
  expect(shown(state)).toContain('2 healthy');
  expect(shown(state)).toContain('spark (restarting)');
});
