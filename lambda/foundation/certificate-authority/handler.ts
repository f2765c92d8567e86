/**
 * Custom resource: the deployment's private certificate authority, the certificates of its hosts, and EMR's archive of
 * them. Keys lie in Secrets Manager and in one encrypted bucket; only the authority's certificate, which is public, is
 * an answer. Done again it changes nothing that is still fit.
 */
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { strToU8, zipSync } from 'fflate';
import { z } from 'zod';

import { parseRequest, type Response } from '../../shared/custom-resource.ts';
import { createAuthority, type Credentials, credentialsSchema, isAuthorityFit, isHostFit, issue } from './authority.ts';

const propertiesSchema = z.object({
  /** Name of the deployment. */
  Name: z.string().min(1),
  /** Secret that keeps the authority's certificate and key. */
  AuthoritySecret: z.string().min(1),
  /** JSON: the certificates to issue, each into a secret. */
  Hosts: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(z.object({ secret: z.string(), dnsNames: z.array(z.string()).min(1) }))),
  /** Host whose certificate EMR gets, as the archive that EMR takes. */
  EmrSecret: z.string(),
  Bucket: z.string(),
  EmrKey: z.string(),
  /** `rotation.certificates` of the configuration: another number has everything issued again. */
  Generation: z.string(),
});

const secrets = new SecretsManagerClient({});
const s3 = new S3Client({});

export async function handler(event: unknown): Promise<Response> {
  const { type, properties, oldProperties, physicalResourceId } = parseRequest(event, propertiesSchema);
  const PhysicalResourceId = physicalResourceId ?? `${properties.Name}-certificate-authority`;
  if (type === 'Delete') {
    await s3.send(new DeleteObjectCommand({ Bucket: properties.Bucket, Key: properties.EmrKey }));
    return { PhysicalResourceId };
  }

  const now = new Date();
  const isRenewal = type === 'Update' && oldProperties.Generation !== properties.Generation;
  const kept = isRenewal ? undefined : await read(properties.AuthoritySecret);
  const authority = kept && isAuthorityFit(kept, now) ? kept : await createAuthority(properties.Name, now);
  if (authority !== kept) {
    await write(properties.AuthoritySecret, authority);
  }
  for (const { secret, dnsNames } of properties.Hosts) {
    const held = await read(secret);
    const isFit = held !== undefined && (await isHostFit(held, authority, dnsNames, now));
    const host = isFit ? held : await issue(authority, dnsNames, now);
    if (host !== held) {
      await write(secret, host);
    }
    if (secret === properties.EmrSecret) {
      await s3.send(
        new PutObjectCommand({
          Bucket: properties.Bucket,
          Key: properties.EmrKey,
          Body: emrArchive(host, authority),
        }),
      );
    }
  }
  return { PhysicalResourceId, Data: { Certificate: authority.certificate } };
}

/** https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-encryption-enable.html: the names are EMR's. */
export function emrArchive(host: Credentials, authority: Credentials): Uint8Array {
  return zipSync({
    'privateKey.pem': strToU8(host.privateKey),
    'certificateChain.pem': strToU8(host.certificate + authority.certificate),
    'trustedCertificates.pem': strToU8(authority.certificate),
  });
}

/** What a secret holds, or undefined while it still has the random text that it was made with. */
async function read(secretId: string): Promise<Credentials | undefined> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
  try {
    return credentialsSchema.parse(JSON.parse(SecretString ?? ''));
  } catch {
    return undefined;
  }
}

async function write(secretId: string, credentials: Credentials): Promise<void> {
  await secrets.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify(credentials) }));
}
