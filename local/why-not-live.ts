import type { ProcessState } from '../engines/supervision/supervised-process.ts';
import type { DruidApi } from '../src/druid/api.ts';
import { supervisorStatus } from '../src/druid/supervisors.ts';

/**
 * Why a run is not live, in a sentence without its end: what is missing of what is needed for it.
 *
 * @param processes how each process is.
 * @param druid how to ask Druid; undefined before it answers.
 */
export async function whyNotLive(
  processes: ReadonlyMap<string, ProcessState>,
  druid: DruidApi | undefined,
): Promise<string> {
  const missing = [...processes]
    .filter(([, state]) => state !== 'healthy')
    .map(([name, state]) => `${name} is ${state}`);
  if (missing.length > 0) {
    return missing.join(', ');
  }
  if (!druid) {
    return 'Druid does not answer';
  }
  const status = await supervisorStatus(druid, 'powerraw').catch(() => undefined);
  if (!status) {
    return 'Druid does not say how its ingestion of powerraw is';
  }
  const { state, detailedState, lag, errors } = status;
  const behind = lag === undefined ? '' : `, ${lag} readings behind`;
  const newest = errors[0] === undefined ? '' : `: ${errors[0].split('\n')[0] ?? ''}`;
  return `Druid shows no reading of the last seconds; its ingestion of powerraw is ${state} (${detailedState}${behind})${newest}`;
}
