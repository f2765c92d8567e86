import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** May read what lies below an s3:// prefix; for any other address there is nothing to grant. */
export function grantDownload(role: iam.Role, url: string | undefined): void {
  if (!url?.startsWith('s3://')) {
    return;
  }
  const { bucketArn, objectArn } = arns(role, url);
  role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucketArn] }));
  role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [`${objectArn}*`] }));
}

/** May read the one file at an s3:// address; for any other address there is nothing to grant. */
export function grantFileDownload(grantee: iam.IGrantable & IConstruct, url: string): void {
  if (url.startsWith('s3://')) {
    iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [arns(grantee, url).objectArn] });
  }
}

function arns(scope: IConstruct, url: string): { bucketArn: string; objectArn: string } {
  const stack = Stack.of(scope);
  // The configuration's addresses may hold the region's place.
  const [bucket = '', ...key] = url.slice('s3://'.length).replaceAll('{region}', stack.region).split('/');
  const bucketArn = stack.formatArn({ service: 's3', region: '', account: '', resource: bucket });
  return { bucketArn, objectArn: `${bucketArn}/${key.join('/')}` };
}
