/** Certificate and key of one end of a connection, and whom it trusts; all PEM. */
export interface TlsCredentials {
  readonly certificate: string;
  readonly privateKey: string;
  /** The authority that has signed the certificates of the other ends. */
  readonly authority: string;
}
