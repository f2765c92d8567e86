/** In what state an earlier attempt has left the stacks. */
import type { StackState } from './account.ts';
import { type Finding, type Look, note, problem } from './look.ts';

/** Who asks: what stops a deployment need not stop a destroy. */
export type Purpose = 'deploy' | 'destroy';

export const stacksLook = (purpose: Purpose): Look => ({
  about: 'the state of the stacks',
  actions: ['cloudformation:DescribeStacks'],
  look: async ({ facts, region }) => {
    const stacks = await facts.stacks();
    return stacks.flatMap((stack) =>
      purpose === 'deploy' ? beforeDeploy(stack, region) : beforeDestroy(stack, region),
    );
  },
});

/** CDK's CLI deletes a stack whose creation failed, and rolls back one that stopped half-way, by itself. It would also skip whatever keeps a failed rollback from ending (with --force), so that one stops here. */
function beforeDeploy({ name, status }: StackState, region: string): Finding[] {
  const cli = (command: string): string => `aws cloudformation ${command} --stack-name ${name} --region ${region}`;
  switch (status) {
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
      return [
        note(
          `stack ${name} is in ${status} after a first deployment that failed: the deployment takes its protection off, if it has one, ` +
            'deletes it and creates it again',
        ),
      ];
    case 'CREATE_FAILED':
    case 'UPDATE_FAILED':
      return [note(`stack ${name} is in ${status}: the deployment rolls it back first`)];
    case 'UPDATE_ROLLBACK_FAILED':
      return [
        problem(
          `stack ${name} is in UPDATE_ROLLBACK_FAILED: fix what its events name (${cli('describe-stack-events')}), then finish ` +
            `the rollback (${cli('continue-update-rollback')}) and deploy again`,
        ),
      ];
    case 'DELETE_FAILED':
      return [
        problem(
          `stack ${name} is in DELETE_FAILED: delete it again with "npm run destroy", or leave behind what can't be deleted: ` +
            cli('delete-stack --deletion-mode FORCE_DELETE_STACK'),
        ),
      ];
    case 'REVIEW_IN_PROGRESS':
      // Only a change set was made; the CLI replaces it.
      return [];
    default:
      return status.endsWith('_IN_PROGRESS') ? [inProgress(name, status, region)] : [];
  }
}

function beforeDestroy({ name, status, isProtected }: StackState, region: string): Finding[] {
  if (isProtected) {
    return [
      problem(
        `stack ${name} is protected from deletion, as prod deploys it: follow "End a prod deployment" in docs/operate/deploy.md, or take the ` +
          `protection off: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name} --region ${region}`,
      ),
    ];
  }
  // CloudFormation takes a deletion while it creates, and one more while it deletes.
  const mayGo = ['CREATE_IN_PROGRESS', 'DELETE_IN_PROGRESS', 'REVIEW_IN_PROGRESS'].includes(status);
  return status.endsWith('_IN_PROGRESS') && !mayGo ? [inProgress(name, status, region)] : [];
}

function inProgress(name: string, status: string, region: string): Finding {
  return problem(
    `stack ${name} is in ${status}: another deployment, or one that was stopped here, still runs; wait until this shows no ` +
      `_IN_PROGRESS, then try again: aws cloudformation describe-stacks --stack-name ${name} --query "Stacks[0].StackStatus" --region ${region}`,
  );
}
