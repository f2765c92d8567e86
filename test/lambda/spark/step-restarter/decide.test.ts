import { describe, expect, test } from '@jest/globals';

import type { Step } from '../../../../lambda/spark/step-controller/cluster.ts';
import { decide, type Failure } from '../../../../lambda/spark/step-restarter/decide.ts';

const NOW = new Date('2026-01-01T12:00:00Z');
const minutesAgo = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);

const failed = (id: string, over: Partial<Step> = {}): Step => ({
  id,
  name: 'spark',
  stepArguments: ['job'],
  state: 'FAILED',
  createdAt: minutesAgo(300),
  startedAt: minutesAgo(300),
  endedAt: minutesAgo(1),
  failure: 'out of memory',
  ...over,
});

const failure = (over: Partial<Failure>): Failure => ({
  stepId: 's-1',
  controller: { phase: 'steady', stepArguments: ['job'] },
  clusterIsAlive: true,
  steps: [failed('s-1')],
  restartsPerHour: 2,
  now: NOW,
  ...over,
});

describe('the restarter', () => {
  test('starts a failed step again', () => {
    expect(decide(failure({}))).toEqual({ kind: 'restart' });
  });

  test('leaves a step alone that a deployment is changing', () => {
    expect(decide(failure({ controller: { phase: 'changing', stepArguments: ['job'] } })).kind).toBe('leave');
  });

  test('leaves a step alone that was cancelled, or that should no longer run', () => {
    expect(decide(failure({ steps: [failed('s-1', { state: 'CANCELLED' })] })).kind).toBe('leave');
    expect(decide(failure({ steps: [failed('s-1', { stepArguments: ['older'] })] })).kind).toBe('leave');
  });

  test('starts no second step, however often it is told', () => {
    expect(decide(failure({ steps: [failed('s-2', { state: 'PENDING' }), failed('s-1')] })).kind).toBe('leave');
  });

  test('gives up after too many failures within an hour, and not for older ones', () => {
    const recent = [failed('s-1'), failed('s-0', { endedAt: minutesAgo(20) })];
    expect(decide(failure({ steps: [...recent, failed('s-a', { endedAt: minutesAgo(61) })] })).kind).toBe('restart');
    expect(decide(failure({ steps: [...recent, failed('s-a', { endedAt: minutesAgo(59) })] }))).toEqual({
      kind: 'give-up',
      reason: '3 steps failed within an hour: out of memory',
    });
  });

  test('gives up when the cluster has ended', () => {
    expect(decide(failure({ clusterIsAlive: false })).kind).toBe('give-up');
  });
});
