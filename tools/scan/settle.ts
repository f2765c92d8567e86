import { sleep } from '../../src/core/clock/timers.ts';
import type { Scope } from './candidate.ts';
import { isClean, scan, type ScanReport } from './scan.ts';

/** From one look to the next, ms. */
const PAUSE_MS = 30_000;

/**
 * Scans until nothing is left that must go, or for `patienceMs`: what is gone stays visible for a while. It does not
 * wait for stacks: one that is still there has not been destroyed.
 */
export async function settledScan(
  scope: Scope,
  profile: 'dev' | 'prod',
  patienceMs: number,
  look: () => Promise<ScanReport> = () => scan(scope, profile),
  pauseMs = PAUSE_MS,
): Promise<ScanReport> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const report = await look();
    const hasStacks = report.left.some(({ type }) => type === 'AWS::CloudFormation::Stack');
    if (isClean(report) || hasStacks || Date.now() + pauseMs > until) {
      return report;
    }
    await sleep(pauseMs);
  }
}
