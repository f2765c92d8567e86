/** Where things are on a host: as user-data.sh and the install scripts lay them out. */
export const HOST_LAYOUT = {
  /** The archive of the host's role. */
  release: '/opt/igrid/current',
  /** PEM file with the private authority's certificate. */
  authority: '/etc/igrid/ca.pem',
  /** PEM file with the certificates that the metadata database is verified by; part of the archive. */
  databaseAuthority: '/opt/igrid/current/database-ca.pem',
} as const;

/** Name of the database's certificates in a role's archive. */
export const DATABASE_AUTHORITY_FILE = 'database-ca.pem';
