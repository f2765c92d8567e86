/** How long a host's first boot may take; ec2-userdata/common/user-data.sh is that boot. */
import { Duration } from 'aws-cdk-lib';

/**
 * systemd shuts a host down whose first boot is not over by then. It leaves room for the work itself (10 minutes), for
 * an outage that `retry` waits for (15 minutes, ec2-userdata/common/retry.sh) and for the service's first answer (15
 * minutes, `answers` of the install scripts).
 */
export const FIRST_BOOT_LIMIT = Duration.minutes(45);

/** How long a deployment waits for a host's signal: longer than its first boot may take. CloudFormation allows an hour. */
export const SIGNAL_TIMEOUT = Duration.minutes(50);
