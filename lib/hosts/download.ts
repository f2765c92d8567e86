import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** May read what lies below an s3:// prefix; for any other address there is nothing to grant. */
export function grantDownload(role: iam.Role, url: string | undefined): void {
  if (!url?.startsWith('s3://')) {
    return;
  }
  const [bucket = '', ...prefix] = url.slice('s3://'.length).split('/');
  const bucketArn = Stack.of(role).formatArn({ service: 's3', region: '', account: '', resource: bucket });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucketArn] }));
  role.addToPolicy(
    new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [`${bucketArn}/${prefix.join('/')}*`] }),
  );
}
