import { z } from 'zod';

import { agentPackage, downloadAddress, instanceType, text } from './values.ts';

export const airflow = z
  .strictObject({
    instanceType: instanceType.default('t3.medium').meta({
      description: 'EC2 type of the Airflow host. Airflow 3 needs more than 2 GiB of memory.',
    }),
  })
  .prefault({})
  .meta({ description: 'Airflow, the history program and the canary, on one host.' });

export const superset = z
  .strictObject({
    instanceType: instanceType.default('t3.medium').meta({ description: 'EC2 type of the Superset host.' }),
  })
  .prefault({})
  .meta({ description: 'Superset on one host.' });

export const hosts = z
  .strictObject({
    imageId: text(/^ami-[0-9a-f]{8,17}$/, 'an image id such as ami-0123456789abcdef0')
      .optional()
      .meta({
        description: 'An image of Debian 12 (amd64).',
        otherwise: "Debian's newest, from its SSM parameter at each launch",
      }),
    aptSources: z.array(text(/^deb /, 'a line that starts with "deb "')).min(1).optional().meta({
      description:
        "Lines of /etc/apt/sources.list that replace the image's own, for a deployment without the internet.",
      allowed: 'lines that start with "deb "',
      otherwise: "the image's own",
    }),
    ssmAgent: agentPackage(
      'https://s3.{region}.amazonaws.com/amazon-ssm-{region}/3.3.1142.0/debian_amd64/amazon-ssm-agent.deb',
      "Session Manager's agent, which Debian's image lacks.",
    ),
    cloudWatchAgent: agentPackage(
      'https://amazoncloudwatch-agent-{region}.s3.{region}.amazonaws.com/debian/amd64/1.300049.1b929/amazon-cloudwatch-agent.deb',
      "CloudWatch's agent, which Debian's image lacks.",
    ),
    replaceAfterMinutes: z.int().min(15).max(1_440).default(30).meta({
      description:
        'A host whose service has been down for this long shuts itself down, and its group starts another one: at most 60 divided by this many replacements an hour. A service that is busy counts as up. For planned work there is `igrid-maintenance` (docs/operate/maintenance.md, "Work on a host").',
      unit: 'minutes',
    }),
    pythonIndexUrl: downloadAddress.optional().meta({
      description: 'Where Python packages come from: an https:// index, or an s3:// prefix with the files.',
      otherwise: "pip's own index",
    }),
  })
  .prefault({})
  .meta({ description: 'What all hosts have in common.' });
