/** A private certificate authority and what it issues: X.509 by @peculiar/x509 on Node's own WebCrypto. */
import 'reflect-metadata';

import { webcrypto } from 'node:crypto';

import * as x509 from '@peculiar/x509';
import { z } from 'zod';

x509.cryptoProvider.set(webcrypto);

/** RSA, which every client of the grid takes: Java's, Python's and Node's. */
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
} as const;

const DAY_MS = 86_400_000;

/** Days. */
export const VALIDITY = { authority: 3_650, host: 825 } as const;

/** A certificate with less than this left is issued again, days. */
export const RENEW_BEFORE = 90;

/** A certificate and its key, both in PEM. */
export const credentialsSchema = z.object({
  certificate: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  privateKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----'),
});

export type Credentials = z.output<typeof credentialsSchema>;

/** Makes an authority that signs for `name`. */
export async function createAuthority(name: string, now: Date): Promise<Credentials> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`${name} certificate authority`] }],
    notBefore: dayBefore(now),
    notAfter: daysAfter(now, VALIDITY.authority),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), privateKey: await privateKeyPem(keys.privateKey) };
}

/** Issues a certificate for hosts of these DNS names, for both ends of a connection. */
export async function issue(authority: Credentials, dnsNames: readonly string[], now: Date): Promise<Credentials> {
  const [commonName] = dnsNames;
  if (commonName === undefined) {
    throw new RangeError('a certificate needs at least one DNS name');
  }
  const issuer = new x509.X509Certificate(authority.certificate);
  const [der] = x509.PemConverter.decode(authority.privateKey);
  if (der === undefined) {
    throw new Error("the authority's private key is no PEM");
  }
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [commonName] }],
    issuer: issuer.subject,
    notBefore: dayBefore(now),
    notAfter: daysAfter(now, VALIDITY.host),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns', value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), privateKey: await privateKeyPem(keys.privateKey) };
}

/** Whether an authority can go on signing for as long as what it signs is valid. */
export function isAuthorityFit(authority: Credentials, now: Date): boolean {
  return new x509.X509Certificate(authority.certificate).notAfter >= daysAfter(now, VALIDITY.host);
}

/** Whether a certificate is this authority's, for exactly these names, and has time left. */
export async function isHostFit(
  host: Credentials,
  authority: Credentials,
  dnsNames: readonly string[],
  now: Date,
): Promise<boolean> {
  const certificate = new x509.X509Certificate(host.certificate);
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items.map((item) => item.value);
  const isOurs = await certificate.verify({
    publicKey: new x509.X509Certificate(authority.certificate),
    signatureOnly: true,
  });
  return (
    isOurs &&
    names?.length === dnsNames.length &&
    dnsNames.every((name) => names.includes(name)) &&
    certificate.notAfter >= daysAfter(now, RENEW_BEFORE)
  );
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** Clocks differ: what is issued now must hold on a host that is behind. */
function dayBefore(now: Date): Date {
  return new Date(now.getTime() - DAY_MS);
}

function daysAfter(now: Date, days: number): Date {
  return new Date(now.getTime() + days * DAY_MS);
}
