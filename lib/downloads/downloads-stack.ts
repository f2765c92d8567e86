import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

import { DataBucket } from '../assets/data-bucket.ts';
import type { GridConfig } from '../config/schema.ts';
import { GridFunction } from '../lambdas/grid-function.ts';
import { ResourceProvider } from '../lambdas/resource-provider.ts';
import { GridStack } from '../stack/grid-stack.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';
import { addressesOf, DOWNLOADS } from './configured.ts';
import { grantFileDownload } from './grants.ts';

/**
 * Where files of third parties are staged, and the function that does it: hosts and EMR nodes read them from the
 * deployment's own bucket, so that a launch depends on no server but AWS'. Each file is a resource of the stack that uses
 * it (see StagedFile), which has it before it needs it and lets go of it afterwards.
 */
export class DownloadsStack extends GridStack {
  readonly bucket: s3.Bucket;
  readonly #functionName: string;

  constructor(scope: Construct, { config }: { readonly config: GridConfig }) {
    super(scope, 'downloads', { config, description: "iGrid: the deployment's own copies of third parties' files" });
    const bucket = new DataBucket(this, 'bucket', { config, isReproducible: true });
    this.bucket = bucket;
    // Fixed, as CloudFormation lets no custom resource change the function that it belongs to.
    this.#functionName = `${config.name}-stage-file`;

    const handler = (id: string, name: 'onEvent' | 'isComplete', timeout: Duration, memorySize: number) =>
      new GridFunction(this, id, {
        ...{ config, folder: 'downloads/stage-file', handler: name, timeout, memorySize },
        description: "Copies a third party's file into the deployment's bucket and checks its hash",
      });
    const onEvent = handler('on-event', 'onEvent', Duration.minutes(1), 256);
    // Its share of a processor and of the network grows with its memory, of which it needs a small part.
    const isComplete = handler('is-complete', 'isComplete', Duration.minutes(15), 1_024);
    const remove = ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject'];
    grantBucket(bucket, onEvent, remove);
    grantBucket(bucket, isComplete, [...remove, 's3:ListMultipartUploadParts', 's3:PutObject']);
    for (const download of Object.values(DOWNLOADS)) {
      for (const url of addressesOf(download(config))) {
        grantFileDownload(isComplete, url);
      }
    }
    acceptNagFindings(this, {
      'AwsSolutions-IAM5[Resource::<bucket*]': 'All objects of the one bucket that the function is for.',
    });
    new ResourceProvider(this, 'provider', {
      config,
      onEvent,
      isComplete,
      functionName: this.#functionName,
      interval: Duration.seconds(5),
      // Above what the function itself gives a file, whose message says more than a time-out's.
      timeout: Duration.minutes(55),
    });
  }

  /** ARN of the function that a custom resource of another stack names. */
  serviceToken(stack: Stack): string {
    return stack.formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: this.#functionName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

function grantBucket(bucket: s3.Bucket, grantee: iam.IGrantable, objectActions: string[]): void {
  iam.Grant.addToPrincipal({ grantee, actions: objectActions, resourceArns: [bucket.arnForObjects('*')] });
  // Without it S3 says 403, not 404, of an object that does not exist.
  iam.Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn] });
}
