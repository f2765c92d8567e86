/** What an error of the AWS SDK means for an operator, in words that say what to do. */

/** Why AWS gave no answer. */
export type ErrorKind =
  /** The role lacks a permission. */
  | 'denied'
  /** There are no credentials, they have expired, or AWS does not accept them. */
  | 'credentials'
  /** Nothing answered: no network, or no such endpoint. */
  | 'network'
  /** Whatever else the service says. */
  | 'other';

/** Names that services give to the same refusal. */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'ForbiddenException',
  'UnauthorizedException',
  'UnauthorizedOperation',
]);

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired']);

const NOT_ACCEPTED = new Set([
  'AuthFailure',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'TokenProviderError']);

/** Node's codes, and the SDK's own name of a time-out. */
const NETWORK = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'TimeoutError',
]);

export function kindOfError(error: unknown): ErrorKind {
  const names = namesOf(error);
  const isOneOf = (set: ReadonlySet<string>): boolean => names.some((name) => set.has(name));
  if (isOneOf(DENIED)) {
    return 'denied';
  }
  if (isOneOf(EXPIRED) || isOneOf(NOT_ACCEPTED) || isOneOf(NO_CREDENTIALS)) {
    return 'credentials';
  }
  return isOneOf(NETWORK) ? 'network' : 'other';
}

/** Whether a service says that what was asked for does not exist, in one of the names given. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** The action that a refusal names, such as `ec2:DescribeVpcs`; undefined when it names none. */
export function deniedAction(error: unknown): string | undefined {
  return error instanceof Error ? /perform: ([a-z0-9-]+:[A-Za-z0-9]+)/.exec(error.message)?.[1] : undefined;
}

/** The first line of what the error says. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const [line = ''] = error.message.split('\n');
  // The errors of an attempt over several addresses have no message of their own.
  return line === '' ? namesOf(error).join(' ') : line;
}

/** One line about credentials that do not work, with the command that gets others. */
export function credentialsAdvice(error: unknown, region: string): string {
  const names = namesOf(error);
  const reason = reasonOf(error);
  if (names.some((name) => EXPIRED.has(name)) || /expired/i.test(reason)) {
    return `the AWS credentials have expired: log in again ("aws sso login", or a new session token) (${reason})`;
  }
  if (names.some((name) => NOT_ACCEPTED.has(name))) {
    return (
      `AWS does not accept the credentials in ${region}: check AWS_PROFILE and the keys, the clock of this computer, and ` +
      `that the region is enabled ("aws account get-region-opt-status --region-name ${region}") (${reason})`
    );
  }
  return `there are no valid AWS credentials: log in ("aws sso login", "aws configure") or set AWS_PROFILE (${reason})`;
}

function namesOf(error: unknown): string[] {
  if (!(error instanceof Error)) {
    return [];
  }
  const code = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const inner = error instanceof AggregateError ? error.errors.flatMap(namesOf) : [];
  return [error.name, ...code, ...inner];
}
