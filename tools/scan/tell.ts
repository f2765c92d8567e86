import type { GridConfig } from '../../lib/config/schema.ts';
import type { Place } from '../deployment/place.ts';
import { describeScan } from './describe.ts';
import { isClean } from './scan.ts';
import { settledScan } from './settle.ts';

/**
 * Scans, and prints the report.
 *
 * @param patienceMs looks again for so long while something is left.
 * @param json prints the report as JSON. @default false
 * @throws Error when something is left that must go, or a service could not be asked.
 */
export async function scanAndTell(
  { name, profile }: Pick<GridConfig, 'name' | 'profile'>,
  place: Place,
  patienceMs: number,
  json = false,
): Promise<void> {
  console.error(`Looking for what is left of ${name} in ${place.region} of account ${place.account} ...`);
  const report = await settledScan({ ...place, name }, profile, patienceMs);
  console.log(
    json ? JSON.stringify({ name, ...place, ...report }, undefined, 2) : describeScan(name, report).join('\n'),
  );
  if (!isClean(report)) {
    throw new Error(
      `${name} is not known to be gone: ${report.left.length} left, ${report.unknown.length} services not known`,
    );
  }
}
