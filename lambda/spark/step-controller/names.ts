/** What the step controller's infrastructure and its handlers agree on. */

/** Name of every step that the controller submits, and of the YARN application that it runs. */
export const STEP_NAME = 'spark';

/** Environment variable: name of the SSM parameter with the {@link ControllerState}. */
export const STATE_PARAMETER = 'STATE_PARAMETER';

/** Environment variable: how often a failed step is started again within an hour. */
export const RESTARTS_PER_HOUR = 'RESTARTS_PER_HOUR';
