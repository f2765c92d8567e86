import { z } from 'zod';

/** A rule as EC2 describes it, with only what revoking it needs. */
export const ruleSchema = z
  .object({ SecurityGroupRuleId: z.string(), GroupId: z.string(), IsEgress: z.boolean() })
  .transform(({ SecurityGroupRuleId, GroupId, IsEgress }) => ({
    ruleId: SecurityGroupRuleId,
    groupId: GroupId,
    isEgress: IsEgress,
  }));

export type Rule = z.output<typeof ruleSchema>;

/** Rules of one group and one direction, which one request revokes. */
export interface Revocation {
  readonly groupId: string;
  readonly isEgress: boolean;
  readonly ruleIds: readonly string[];
}

/** Everything but our own, by group and direction. */
export function revocations(rules: readonly Rule[], own: ReadonlySet<string>): readonly Revocation[] {
  const byRequest = new Map<string, { groupId: string; isEgress: boolean; ruleIds: string[] }>();
  for (const { ruleId, groupId, isEgress } of rules) {
    if (own.has(ruleId)) {
      continue;
    }
    const key = `${groupId} ${String(isEgress)}`;
    const request = byRequest.get(key) ?? { groupId, isEgress, ruleIds: [] };
    request.ruleIds.push(ruleId);
    byRequest.set(key, request);
  }
  return [...byRequest.values()];
}
