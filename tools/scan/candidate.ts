/** Something in the account that may be of the deployment: what a check lists and the scan judges. */
export interface Candidate {
  /** In CloudFormation's words where it has one for it, e.g. `AWS::EC2::Volume`. */
  readonly type: string;
  /** What an operator would name it by to look at it or to delete it. */
  readonly id: string;
  /** Names that may begin with the deployment's: its own, that of its group, that of what it belongs to. */
  readonly names: readonly string[];
  /** Default: the listing shows none. */
  readonly tags?: Readonly<Record<string, string>>;
  /** In the service's words. Default: it has none, or lives. */
  readonly state?: string;
}

/** Where a scan looks. */
export interface Scope {
  /** Name of the deployment: narrows a listing where the service can. */
  readonly name: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

/** Lists all candidates of one service, page by page. Throws what the service answers. */
export type Check = (scope: Scope) => AsyncIterable<Candidate>;

/** Tags as most services give them. */
export function tagsOf(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** The names that are there. */
export function present(...names: readonly (string | undefined)[]): string[] {
  return names.filter((name) => name !== undefined && name !== '') as string[];
}

/** Settings of every client: a scan asks much, and services throttle. */
export function clientOf(region: string): { region: string; maxAttempts: number } {
  return { region, maxAttempts: 8 };
}
