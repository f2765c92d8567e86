import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Step } from '../../../../lambda/spark/step-controller/cluster.ts';
import { isActive } from '../../../../lambda/spark/step-controller/cluster.ts';
import { bringAbout } from '../../../../lambda/spark/step-controller/handler.ts';
import {
  PATIENCE_MS,
  reconcile,
  type Situation,
  STEADY_AFTER_MS,
} from '../../../../lambda/spark/step-controller/reconcile.ts';

const REQUESTED = new Date('2026-01-01T00:00:00Z');
const later = (ms: number): Date => new Date(REQUESTED.getTime() + ms);

const step = (over: Partial<Step>): Step => ({
  id: 's-1',
  name: 'spark',
  stepArguments: ['new'],
  state: 'RUNNING',
  createdAt: later(-3_600_000),
  startedAt: later(-3_600_000),
  endedAt: undefined,
  failure: '',
  ...over,
});

const situation = (over: Partial<Situation>): Situation => ({
  desired: ['new'],
  clusterIsAlive: true,
  steps: [],
  requestedAt: REQUESTED,
  now: later(1_000),
  ...over,
});

describe('the step controller', () => {
  test('submits when nothing runs', () => {
    expect(reconcile(situation({}))).toEqual({ kind: 'submit' });
  });

  test('interrupts an old step before anything else starts', () => {
    const steps = [step({ id: 's-old', stepArguments: ['old'] })];
    expect(reconcile(situation({ steps }))).toEqual({ kind: 'cancel', stepIds: ['s-old'], kill: false });
  });

  test('waits while the old step finishes its batch', () => {
    const steps = [step({ stepArguments: ['old'], state: 'CANCEL_PENDING' })];
    expect(reconcile(situation({ steps }))).toEqual({ kind: 'wait' });
  });

  test('kills a step that does not heed the interruption', () => {
    const steps = [step({ id: 's-old', stepArguments: ['old'], state: 'CANCEL_PENDING' })];
    expect(reconcile(situation({ steps, now: later(PATIENCE_MS + 1) }))).toEqual({
      kind: 'cancel',
      stepIds: ['s-old'],
      kill: true,
    });
  });

  test('is done once the step has run for a while', () => {
    const startedAt = later(0);
    const steps = [step({ startedAt })];
    expect(reconcile(situation({ steps, now: later(STEADY_AFTER_MS - 1) }))).toEqual({ kind: 'wait' });
    expect(reconcile(situation({ steps, now: later(STEADY_AFTER_MS) }))).toEqual({ kind: 'done' });
  });

  test('fails with the reason when the new step dies at its start', () => {
    const steps = [step({ id: 's-new', state: 'FAILED', createdAt: later(10), failure: 'no module dutycycle' })];
    expect(reconcile(situation({ steps }))).toEqual({
      kind: 'fail',
      reason: 'the step s-new ended as FAILED soon after its start: no module dutycycle',
    });
  });

  test('does not hold an older failure of the same step against it', () => {
    const steps = [step({ state: 'FAILED', createdAt: later(-1) })];
    expect(reconcile(situation({ steps }))).toEqual({ kind: 'submit' });
  });

  test('keeps one of two equal steps', () => {
    const steps = [step({ id: 's-2' }), step({ id: 's-1' })];
    expect(reconcile(situation({ steps }))).toEqual({ kind: 'cancel', stepIds: ['s-2'], kill: false });
  });

  test('needs a living cluster to run a step, none to remove one', () => {
    expect(reconcile(situation({ clusterIsAlive: false }))).toMatchObject({ kind: 'fail' });
    expect(reconcile(situation({ clusterIsAlive: false, desired: undefined }))).toEqual({ kind: 'done' });
  });

  test('never submits while any step is active, and never calls that done which is not the desired step alone', () => {
    const anyStep: fc.Arbitrary<Step> = fc.record({
      id: fc.string({ minLength: 1 }),
      name: fc.constant('spark'),
      stepArguments: fc.constantFrom('new', 'old').map((name) => [name]),
      state: fc.constantFrom('PENDING', 'RUNNING', 'CANCEL_PENDING', 'COMPLETED', 'CANCELLED', 'FAILED'),
      createdAt: fc.constant(later(0)),
      startedAt: fc.constantFrom(undefined, later(0)),
      endedAt: fc.constant(undefined),
      failure: fc.constant(''),
    });
    fc.assert(
      fc.property(fc.array(anyStep), fc.constantFrom(['new'], undefined), fc.nat(600_000), (steps, desired, ms) => {
        const action = reconcile(situation({ steps, desired, now: later(ms) }));
        const active = steps.filter(isActive);
        if (action.kind === 'submit') {
          expect(active).toHaveLength(0);
        }
        if (action.kind === 'done') {
          expect(active.map((one) => [one.stepArguments, one.state])).toEqual(desired ? [[['new'], 'RUNNING']] : []);
        }
      }),
    );
  });
});

/** A cluster that behaves as EMR does with one step at a time. */
class Emr {
  alive = true;
  readonly calls: string[] = [];
  list: Step[] = [];
  isAlive = (): Promise<boolean> => Promise.resolve(this.alive);
  steps = (): Promise<readonly Step[]> => Promise.resolve(this.list);
  submit = (stepArguments: readonly string[]): Promise<void> => {
    this.calls.push(`submit ${stepArguments.join(' ')}`);
    this.list = [
      step({
        id: `s-${this.calls.length}`,
        stepArguments: [...stepArguments],
        createdAt: later(1),
        startedAt: later(1),
      }),
      ...this.list,
    ];
    return Promise.resolve();
  };
  cancel = (ids: readonly string[]): Promise<void> => {
    this.calls.push(`cancel ${ids.join(' ')}`);
    this.list = this.list.map((one) => (ids.includes(one.id) ? { ...one, state: 'CANCEL_PENDING' as const } : one));
    return Promise.resolve();
  };
}

describe('an update by the step controller', () => {
  const request = (oldClusterId: string) => ({
    type: 'Update' as const,
    physicalResourceId: 'spark',
    properties: { ClusterId: 'j-new', StepArguments: ['new'] },
    oldProperties: { ClusterId: oldClusterId, StepArguments: ['old'] },
    data: { RequestedAt: REQUESTED.toISOString() },
  });

  test('cancels, waits, submits, waits, and then says that the step is steady', async () => {
    const emr = new Emr();
    emr.list = [step({ id: 's-old', stepArguments: ['old'] })];
    let steady = 0;
    const ask = (ms: number) =>
      bringAbout(
        request('j-new'),
        () => emr,
        later(ms),
        () => {
          steady += 1;
          return Promise.resolve();
        },
      );
    expect(await ask(0)).toEqual({ IsComplete: false });
    expect(await ask(15_000)).toEqual({ IsComplete: false });
    expect(emr.calls).toEqual(['cancel s-old']);
    emr.list = emr.list.map((one) => ({ ...one, state: 'CANCELLED' as const }));
    expect(await ask(30_000)).toEqual({ IsComplete: false });
    expect(emr.calls).toEqual(['cancel s-old', 'submit new']);
    expect(await ask(45_000)).toEqual({ IsComplete: false });
    expect(steady).toBe(0);
    expect(await ask(120_000)).toEqual({ IsComplete: true });
    expect(steady).toBe(1);
  });

  test('ends the step of a replaced cluster before it starts one on the new', async () => {
    const [oldEmr, newEmr] = [new Emr(), new Emr()];
    oldEmr.list = [step({ id: 's-old', stepArguments: ['old'] })];
    const ask = () =>
      bringAbout(
        request('j-old'),
        (id) => (id === 'j-old' ? oldEmr : newEmr),
        later(0),
        () => Promise.resolve(),
      );
    await ask();
    await ask();
    expect([oldEmr.calls, newEmr.calls]).toEqual([['cancel s-old'], []]);
    oldEmr.list = [];
    await ask();
    expect(newEmr.calls).toEqual(['submit new']);
  });
});
