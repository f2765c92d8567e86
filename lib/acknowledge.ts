import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accept findings of cdk-nag's AwsSolutions rules on `construct` and what lies below it, each with its reason.
 *
 * @param findings reasons by finding, e.g. `{'AwsSolutions-IAM5[Resource::*]': 'ec2:Describe* takes no resource'}`.
 */
export function acknowledge(construct: IConstruct, findings: Readonly<Record<string, string>>): void {
  Validations.of(construct).acknowledge(
    ...Object.entries(findings).map(([id, reason]) => ({ id: `AwsSolutions::${id}`, reason })),
  );
}
