/** What a stack with a host allows that host and tells it, read off its template. */
import { z } from 'zod';

import type { Part } from '../../lib/stack/grid-stack.ts';
import type { Templates } from './synth.ts';

const list = z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]);

const policySchema = z.object({
  PolicyDocument: z.object({
    Statement: z.array(z.object({ Effect: z.literal('Allow'), Action: list, Resource: list })),
  }),
});

/** Resources on which the host's role may do something, each as JSON text, sorted. */
export function allowedOn(templates: Templates, part: Part, action: string): string[] {
  const found = templates
    .resources('AWS::IAM::Policy')
    .filter(({ stack }) => stack === part)
    .flatMap(({ Properties }) => policySchema.parse(Properties).PolicyDocument.Statement)
    .filter(({ Action }) => Action.includes(action))
    .flatMap(({ Resource }) => Resource.map((resource) => JSON.stringify(resource)));
  return [...new Set(found)].sort();
}

/** Names of topics, groups or transactional ids on which the host's role may do something with Kafka, sorted. */
export function kafkaNames(templates: Templates, part: Part, action: string): string[] {
  return allowedOn(templates, part, `kafka-cluster:${action}`)
    .map((resource) => /"\/([^"/]+)"\]\]\}$/.exec(resource)?.[1] ?? resource)
    .sort();
}

const templateSchema = z.object({ LaunchTemplateData: z.object({ UserData: z.unknown() }) });

/** The user data of a stack's hosts as JSON text, with what AWS fills in as CloudFormation's own functions. */
export function userData(templates: Templates, part: Part): string {
  return templates
    .resources('AWS::EC2::LaunchTemplate')
    .filter(({ stack }) => stack === part)
    .map(({ Properties }) => JSON.stringify(templateSchema.parse(Properties).LaunchTemplateData.UserData))
    .join('\n');
}

/** Names of the settings that a stack's hosts are told. */
export function settingNames(templates: Templates, part: Part): string[] {
  return [...userData(templates, part).matchAll(/(?:\\n|')([A-Z][A-Z0-9_]*)=\\"/g)].map(([, name = '']) => name);
}
