import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

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
export function grantFileDownload(role: iam.Role, url: string): void {
  if (url.startsWith('s3://')) {
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [arns(role, url).objectArn] }));
  }
}

function arns(role: iam.Role, url: string): { bucketArn: string; objectArn: string } {
  const stack = Stack.of(role);
  // The configuration's addresses may hold the region's place.
  const [bucket = '', ...key] = url.slice('s3://'.length).replaceAll('{region}', stack.region).split('/');
  const bucketArn = stack.formatArn({ service: 's3', region: '', account: '', resource: bucket });
  return { bucketArn, objectArn: `${bucketArn}/${key.join('/')}` };
}
