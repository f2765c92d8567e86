import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

import { dataRemovalPolicy } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';

export interface DataBucketProps {
  readonly config: GridConfig;
  /** Days after which objects below a prefix go. @default - nothing goes by itself */
  readonly expireDays?: Readonly<Record<string, number>>;
  /** Whether a deployment makes all of it again: then nothing is kept in prod either. @default false */
  readonly isReproducible?: boolean;
  /** Days that prod keeps what was overwritten or deleted. @default 30 - a month to notice a mistake */
  readonly keepVersionsDays?: number;
}

/** A private, encrypted bucket of one part; emptied and deleted with the stack in dev, kept and versioned in prod. */
export class DataBucket extends s3.Bucket {
  constructor(
    scope: Construct,
    id: string,
    { config, expireDays = {}, isReproducible = false, keepVersionsDays = 30 }: DataBucketProps,
  ) {
    const isVersioned = config.profile === 'prod' && !isReproducible;
    super(scope, id, {
      versioned: isVersioned,
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: isReproducible ? RemovalPolicy.DESTROY : dataRemovalPolicy(config),
      autoDeleteObjects: isReproducible || config.profile === 'dev',
      lifecycleRules: [
        { id: 'broken uploads', abortIncompleteMultipartUploadAfter: Duration.days(3) },
        ...(isVersioned
          ? [
              {
                id: 'old versions',
                noncurrentVersionExpiration: Duration.days(keepVersionsDays),
                // What is left of a file once its versions are gone.
                expiredObjectDeleteMarker: true,
              },
            ]
          : []),
        ...Object.entries(expireDays).map(([prefix, days]) => ({
          id: `expire ${prefix}`,
          prefix,
          expiration: Duration.days(days),
        })),
      ],
    });
    acceptNagFindings(this, {
      'AwsSolutions-S1':
        "The grid's own machines are the only readers and writers; access logs would cost more than they tell.",
    });
  }
}
