import { createPrivateKey, X509Certificate } from 'node:crypto';

import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { unzipSync } from 'fflate';

import {
  createAuthority,
  type Credentials,
  isAuthorityFit,
  isHostFit,
  issue,
  RENEW_BEFORE,
  VALIDITY,
} from '../../../../lambda/foundation/certificate-authority/authority.ts';
import { emrArchive } from '../../../../lambda/foundation/certificate-authority/handler.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const NAMES = ['druid.igrid.internal', '*.ec2.internal'];
const inDays = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

// RSA keys: seconds each on a machine that does something else, too.
jest.setTimeout(120_000);

describe('the private certificate authority', () => {
  let authority: Credentials;
  let other: Credentials;
  let host: Credentials;
  beforeAll(async () => {
    authority = await createAuthority('igrid', NOW);
    other = await createAuthority('igrid', NOW);
    host = await issue(authority, NAMES, NOW);
  });

  test('issues what another library accepts for the names and for no other', () => {
    const issuer = new X509Certificate(authority.certificate);
    const certificate = new X509Certificate(host.certificate);
    expect(issuer.ca).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.checkHost('druid.igrid.internal')).toBe('druid.igrid.internal');
    expect(certificate.checkHost('ip-10-40-0-1.ec2.internal')).toBe('*.ec2.internal');
    expect(certificate.checkHost('superset.igrid.internal')).toBeUndefined();
    expect(certificate.checkPrivateKey(createPrivateKey(host.privateKey))).toBe(true);
  });

  test('does not take the certificate of another authority for its own', async () => {
    expect(await isHostFit(host, authority, NAMES, NOW)).toBe(true);
    expect(await isHostFit(host, other, NAMES, NOW)).toBe(false);
  });

  test('issues again for other names and before the end', async () => {
    expect(await isHostFit(host, authority, ['druid.igrid.internal'], NOW)).toBe(false);
    expect(await isHostFit(host, authority, NAMES, inDays(VALIDITY.host - RENEW_BEFORE - 1))).toBe(true);
    expect(await isHostFit(host, authority, NAMES, inDays(VALIDITY.host - RENEW_BEFORE + 1))).toBe(false);
  });

  test('signs nothing that would outlive it', () => {
    expect(isAuthorityFit(authority, NOW)).toBe(true);
    expect(isAuthorityFit(authority, inDays(VALIDITY.authority - VALIDITY.host + 1))).toBe(false);
  });

  test('packs the three files that EMR wants', () => {
    const files = unzipSync(emrArchive(host, authority));
    expect(Object.keys(files).sort()).toEqual(['certificateChain.pem', 'privateKey.pem', 'trustedCertificates.pem']);
    expect(Buffer.from(files['certificateChain.pem'] ?? []).toString()).toBe(host.certificate + authority.certificate);
  });
});
