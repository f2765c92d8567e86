import type { Remnant, ScanReport } from './scan.ts';

/** A scan's report as lines for a terminal. */
export function describeScan(name: string, { left, allowed, unknown }: ScanReport): string[] {
  const line = ({ type, id, state }: Remnant): string => `  ${type}  ${id}${state === '' ? '' : `  (${state})`}`;
  const reasons = [...new Set(allowed.map(({ reason }) => reason))];
  return [
    ...(left.length > 0 ? [`Left of ${name}, and must go:`, ...left.map(line)] : []),
    ...reasons.flatMap((reason) => [
      `May stay: ${reason}:`,
      ...allowed.filter((one) => one.reason === reason).map(line),
    ]),
    ...(unknown.length > 0
      ? [
          'Not known, because the service could not be asked:',
          ...unknown.map((one) => `  ${one.service}: ${one.error}`),
        ]
      : []),
    `${name}: ${left.length} left, ${allowed.length} may stay, ${unknown.length} services not known.`,
  ];
}
