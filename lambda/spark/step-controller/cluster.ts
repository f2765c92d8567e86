import {
  AddJobFlowStepsCommand,
  CancelStepsCommand,
  DescribeClusterCommand,
  type EMRClient,
  ListStepsCommand,
  type StepCancellationOption,
} from '@aws-sdk/client-emr';
import { z } from 'zod';

import { STEP_NAME } from './names.ts';

const ACTIVE = ['PENDING', 'RUNNING', 'CANCEL_PENDING'] as const;
const ENDED = ['COMPLETED', 'CANCELLED', 'FAILED', 'INTERRUPTED'] as const;

/** One submission of the job, as EMR lists it. */
const stepSchema = z
  .object({
    Id: z.string(),
    Name: z.string(),
    Config: z.object({ Args: z.array(z.string()).default([]) }),
    Status: z.object({
      State: z.enum([...ACTIVE, ...ENDED]),
      FailureDetails: z
        .object({ Reason: z.string().optional(), Message: z.string().optional(), LogFile: z.string().optional() })
        .optional(),
      Timeline: z
        .object({
          CreationDateTime: z.date().optional(),
          StartDateTime: z.date().optional(),
          EndDateTime: z.date().optional(),
        })
        .optional(),
    }),
  })
  .transform(({ Id, Name, Config, Status }) => ({
    id: Id,
    name: Name,
    stepArguments: Config.Args,
    state: Status.State,
    createdAt: Status.Timeline?.CreationDateTime,
    startedAt: Status.Timeline?.StartDateTime,
    endedAt: Status.Timeline?.EndDateTime,
    failure: [Status.FailureDetails?.Reason, Status.FailureDetails?.Message, Status.FailureDetails?.LogFile]
      .filter((text) => text !== undefined && text !== '')
      .join('; '),
  }));

/** EMR's answer about one step that it was asked to cancel. */
const cancellationSchema = z.object({
  StepId: z.string(),
  Status: z.enum(['SUBMITTED', 'FAILED']),
  Reason: z.string().optional(),
});

export type Step = z.output<typeof stepSchema>;

export function isActive(step: Pick<Step, 'state'>): boolean {
  return ACTIVE.some((state) => state === step.state);
}

/** The job's steps on one EMR cluster. */
export class Cluster {
  readonly #emr: EMRClient;
  readonly #clusterId: string;

  constructor(emr: EMRClient, clusterId: string) {
    this.#emr = emr;
    this.#clusterId = clusterId;
  }

  /** Whether steps can still run: false once it is being terminated, and when EMR no longer knows it. */
  async isAlive(): Promise<boolean> {
    try {
      const { Cluster } = await this.#emr.send(new DescribeClusterCommand({ ClusterId: this.#clusterId }));
      return !(Cluster?.Status?.State ?? 'TERMINATED').startsWith('TERMINAT');
    } catch (error) {
      if (isUnknownCluster(error)) {
        return false;
      }
      throw error;
    }
  }

  /** The job's steps, newest first: all active ones and those that ended since the cluster began. */
  async steps(): Promise<readonly Step[]> {
    const steps: Step[] = [];
    let marker: string | undefined;
    do {
      const page = await this.#emr.send(new ListStepsCommand({ ClusterId: this.#clusterId, Marker: marker }));
      steps.push(...z.array(stepSchema).parse(page.Steps ?? []));
      marker = page.Marker;
    } while (marker !== undefined);
    return steps.filter((step) => step.name === STEP_NAME);
  }

  async submit(stepArguments: readonly string[]): Promise<void> {
    await this.#emr.send(
      new AddJobFlowStepsCommand({
        JobFlowId: this.#clusterId,
        Steps: [
          {
            Name: STEP_NAME,
            // A failed step must leave the cluster alone: it is started again.
            ActionOnFailure: 'CONTINUE',
            HadoopJarStep: { Jar: 'command-runner.jar', Args: [...stepArguments] },
          },
        ],
      }),
    );
  }

  /**
   * EMR answers for each step, and with success although it refuses some.
   *
   * @param how SEND_INTERRUPT lets the job finish its batch; TERMINATE_PROCESS doesn't, which is safe but repeats it.
   * @throws Error with EMR's reason when it refuses to cancel a step. A step that has ended since it was listed can't be
   *   cancelled and needs not be.
   */
  async cancel(stepIds: readonly string[], how: StepCancellationOption): Promise<void> {
    const { CancelStepsInfoList } = await this.#emr.send(
      new CancelStepsCommand({ ClusterId: this.#clusterId, StepIds: [...stepIds], StepCancellationOption: how }),
    );
    const refused = z
      .array(cancellationSchema)
      .parse(CancelStepsInfoList ?? [])
      .filter(({ Status }) => Status === 'FAILED');
    if (refused.length === 0) {
      return;
    }
    const active = new Set((await this.steps()).filter(isActive).map(({ id }) => id));
    const reasons = refused
      .filter(({ StepId }) => active.has(StepId))
      .map(({ StepId, Reason }) => `${StepId}: ${Reason ?? 'no reason given'}`);
    if (reasons.length > 0) {
      throw new Error(`EMR refuses to cancel steps of ${this.#clusterId} (${how}): ${reasons.join('; ')}`);
    }
  }
}

function isUnknownCluster(error: unknown): boolean {
  return error instanceof Error && error.name === 'InvalidRequestException' && error.message.includes('is not valid');
}
