import type { IConstruct } from 'constructs';

/** Findings of cdk-nag that are accepted below a construct, each with its reason. */
export type NagFindings = Readonly<Record<string, string>>;

const recorded = new WeakMap<IConstruct, NagFindings[]>();

/**
 * Accept findings of cdk-nag's AwsSolutions rules on `construct` and what lies below it, each with its reason. The test
 * of the whole app fails on a finding that nobody accepted, and on an acceptance that nothing needs any more.
 *
 * @param findings reasons by finding, in cdk-nag's words; `*` at the end of a finding's bracket stands for any text,
 *   e.g. `{'AwsSolutions-IAM5[Action::s3:GetObject*]': '...', 'AwsSolutions-IAM5[Resource::*]': '...'}`.
 */
export function acceptNagFindings(construct: IConstruct, findings: NagFindings): void {
  recorded.set(construct, [...(recorded.get(construct) ?? []), findings]);
}

/** What was accepted on this very construct. */
export function acceptedNagFindings(construct: IConstruct): readonly NagFindings[] {
  return recorded.get(construct) ?? [];
}

/** Whether an accepted finding is the one that was found. */
export function matches(accepted: string, found: string): boolean {
  const open = accepted.replace(/\*\]$/, '');
  return accepted === found || (open !== accepted && found.startsWith(open));
}
