/** Kinds of values that several fields have. */
import { z } from 'zod';

declare module 'zod' {
  /** What docs/reference/configuration.md says of a field beside its description, type, bounds and default. */
  interface GlobalMeta {
    /** Of a number. */
    unit?: string;
    /** In words, where a JSON Schema has a pattern only. */
    allowed?: string;
    /** What holds without a value, for an optional field. */
    otherwise?: string;
  }
}

/** A text of a form, with what is allowed in words. */
export const text = (pattern: RegExp, allowed: string) => z.string().regex(pattern, allowed).meta({ allowed });

/** Which types a part takes is in rules.ts. */
export const instanceType = text(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an EC2 instance type such as m5.xlarge');

/** A whole object in S3 or everything below a prefix. */
export const s3Uri = text(/^s3:\/\/[a-z0-9.-]{3,63}\/.*$/, 'an S3 address such as s3://bucket/prefix/');

export const downloadAddress = text(/^(https|s3):\/\/\S+$/, 'an https:// or s3:// address');

const ADDRESSES = 'an https:// or s3:// address, or a list of them';

/** One address, or several: the next is tried when one has no such file, is away, or has another file. */
const downloadAddresses = z
  .union([downloadAddress, z.array(downloadAddress).min(1, 'an https:// or s3:// address')], { error: ADDRESSES })
  .meta({ allowed: ADDRESSES });

const URL = 'Where it is; the AWS region replaces `{region}`. Of a list, the next address is tried when one fails.';

const sha256 = text(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex (64 digits)');

/**
 * A package of AWS' own, with each version at an address of its own. AWS publishes signatures and no hashes: without one
 * here the hash is recorded when the deployment stages the package, and hosts check that.
 */
export const agentPackage = (url: string, description: string) =>
  z
    .strictObject({
      url: downloadAddresses.default(url).meta({ description: URL }),
      sha256: sha256.optional().meta({
        description: 'Checked when it is staged, and again before it is used.',
        otherwise: 'recorded when the package is staged; hosts check that',
      }),
    })
    .prefault({})
    .meta({ description });

/**
 * A third-party file, which the deployment copies into a bucket of its own: hosts and EMR nodes read it only there.
 * A deployment without the internet names a mirror in S3.
 */
export const download = (url: string | string[], hash: string, description: string) =>
  z
    .strictObject({
      url: downloadAddresses.default(url).meta({ description: URL }),
      sha256: sha256.default(hash).meta({
        description: 'Checked when it is staged, and again before it is used.',
      }),
    })
    .prefault({})
    .meta({ description });

export const mskIamAuth = (description: string) =>
  download(
    [
      'https://repo1.maven.org/maven2/software/amazon/msk/aws-msk-iam-auth/2.3.5/aws-msk-iam-auth-2.3.5-all.jar',
      'https://github.com/aws/aws-msk-iam-auth/releases/download/v2.3.5/aws-msk-iam-auth-2.3.5-all.jar',
    ],
    'bcd6020ce1ca2c3f1a65e087057dc8c0757185ba1f169b38e0eda54b617e4225',
    description,
  );
