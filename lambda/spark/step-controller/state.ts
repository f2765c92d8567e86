import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';

/** What the controller is about, for the restarter to respect. */
const stateSchema = z.object({
  /** `changing` while the custom resource cancels and submits: nothing else may start a step then. */
  phase: z.enum(['changing', 'steady']),
  /** The arguments of the step that should run; empty while there is none. */
  stepArguments: z.array(z.string()),
});

export type ControllerState = z.output<typeof stateSchema>;

/** The value with which the parameter is made. */
export const INITIAL_STATE: ControllerState = { phase: 'changing', stepArguments: [] };

export async function readState(ssm: SSMClient, parameter: string): Promise<ControllerState> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter }));
  return stateSchema.parse(JSON.parse(Parameter?.Value ?? 'null'));
}

export async function writeState(ssm: SSMClient, parameter: string, state: ControllerState): Promise<void> {
  await ssm.send(new PutParameterCommand({ Name: parameter, Value: JSON.stringify(state), Overwrite: true }));
}
