import type { GridConfig } from '../config/schema.ts';

/** A third-party file that hosts or EMR nodes need, as the configuration names it. */
export interface Download {
  /** Where it is, one address or several in the order in which they are tried; the AWS region replaces `{region}`. */
  readonly url: string | readonly string[];
  /** Absent: the hash is recorded when the file is staged. */
  readonly sha256?: string | undefined;
}

/** All of them, by their field of the configuration. */
export const DOWNLOADS = {
  'hosts.ssmAgent': ({ hosts }: GridConfig): Download => hosts.ssmAgent,
  'hosts.cloudWatchAgent': ({ hosts }: GridConfig): Download => hosts.cloudWatchAgent,
  'spark.mskIamAuth': ({ spark }: GridConfig): Download => spark.mskIamAuth,
  'spark.kafkaClients': ({ spark }: GridConfig): Download => spark.kafkaClients,
  'spark.commonsPool': ({ spark }: GridConfig): Download => spark.commonsPool,
  'druid.tarball': ({ druid }: GridConfig): Download => druid.tarball,
  'druid.mskIamAuth': ({ druid }: GridConfig): Download => druid.mskIamAuth,
} as const;

export type DownloadField = keyof typeof DOWNLOADS;

export function addressesOf({ url }: Download): readonly string[] {
  return [url].flat();
}
