/** What a deployment needs of an account, looked at before anything is created. */
import type { GridConfig } from '../../lib/config/schema.ts';
import { after } from '../../src/core/clock/timers.ts';
import { credentialsAdvice, deniedAction, kindOfError, reasonOf } from '../deployment/aws-errors.ts';
import { NotReadyError, type Place } from '../deployment/place.ts';
import { Account } from './looks/account.ts';
import { type Finding, type Look, problem, warning } from './looks/look.ts';
import { nameLooks } from './looks/names.ts';
import { networkLook } from './looks/network.ts';
import { quotaLooks } from './looks/quotas.ts';
import { bootstrapLook, databaseLook, emrLook, imageLook, kafkaLook } from './looks/services.ts';
import { stacksLook } from './looks/stacks.ts';
import { zonesLook } from './looks/zones.ts';

/** Everything that is looked at before a deployment. */
export const DEPLOY_LOOKS: readonly Look[] = [
  bootstrapLook,
  stacksLook('deploy'),
  networkLook,
  zonesLook,
  ...quotaLooks,
  ...nameLooks,
  imageLook,
  emrLook,
  kafkaLook,
  databaseLook,
];

export const DESTROY_LOOKS: readonly Look[] = [stacksLook('destroy')];

/** How long one look may take, ms. */
const LOOK_LIMIT_MS = 30_000;

/**
 * Asks everything at once. A look that gets no answer is a warning that names the action which is missing: a role that
 * may deploy need not be one that may read quotas.
 *
 * @param limitMs for each look.
 * @returns findings in the order of the looks, problems first.
 */
export async function preflight(
  config: GridConfig,
  { account, region }: Place,
  looks: readonly Look[] = DEPLOY_LOOKS,
  limitMs = LOOK_LIMIT_MS,
): Promise<readonly Finding[]> {
  const scope = { config, account, region, facts: new Account(config, region) };
  const results = await Promise.all(
    looks.map(async (look): Promise<{ findings: readonly Finding[]; unanswered: readonly Unanswered[] }> => {
      try {
        return { findings: await limited(look.look(scope), limitMs), unanswered: [] };
      } catch (error) {
        return { findings: [], unanswered: [{ look, error }] };
      }
    }),
  );
  const findings = results.flatMap((result) => result.findings);
  const unanswered = results.flatMap((result) => result.unanswered);
  const order: readonly Finding['kind'][] = ['problem', 'warning', 'note'];
  return [...findings, ...reports(unanswered, region)].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/**
 * Prints what was found.
 *
 * @throws NotReadyError when something would make the deployment fail; nothing has been created.
 */
export function mustBeReady(findings: readonly Finding[], print: (line: string) => void): void {
  findings.forEach(({ kind, text }) => print(`${kind}: ${text}`));
  const problems = findings.filter(({ kind }) => kind === 'problem').length;
  if (problems > 0) {
    throw new NotReadyError(
      `${problems} ${problems === 1 ? 'problem' : 'problems'} (see above), nothing was changed: fix them and try again`,
    );
  }
}

class LimitError extends Error {
  override readonly name = 'LimitError';
}

async function limited<T>(answer: Promise<T>, limitMs: number): Promise<T> {
  let cancel = (): void => undefined;
  const limit = new Promise<never>((_, reject) => {
    cancel = after(limitMs, () => reject(new LimitError(`no answer within ${limitMs / 1_000} s`)));
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    cancel();
  }
}

interface Unanswered {
  readonly look: Look;
  readonly error: unknown;
}

/** One finding for each reason: an action that is missing may leave several looks without an answer. */
function reports(unanswered: readonly Unanswered[], region: string): Finding[] {
  const aboutByReason = new Map<string, string[]>();
  const lost = new Set<string>();
  for (const { look, error } of unanswered) {
    if (kindOfError(error) === 'credentials') {
      lost.add(credentialsAdvice(error, region));
    } else {
      const reason = reasonFor(look, error);
      aboutByReason.set(reason, [...(aboutByReason.get(reason) ?? []), look.about]);
    }
  }
  return [
    ...[...lost].map(problem),
    ...[...aboutByReason].map(([reason, about]) => warning(`not checked: ${about.join('; ')}: ${reason}`)),
  ];
}

function reasonFor({ actions }: Look, error: unknown): string {
  if (kindOfError(error) !== 'denied') {
    return reasonOf(error);
  }
  return `the role lacks ${deniedAction(error) ?? `one of ${actions.join(', ')}`}; allow it, or check by hand`;
}
