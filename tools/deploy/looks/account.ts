/** What several looks ask about an account; each is asked for when the first of them needs it, and once. */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeAvailabilityZonesCommand,
  EC2Client,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
} from '@aws-sdk/client-ec2';

import type { GridConfig } from '../../../lib/config/schema.ts';
import { type Part, PARTS } from '../../../lib/stack/grid-stack.ts';
import { isNamed } from '../../deployment/aws-errors.ts';
import { clientOf, collected } from './clients.ts';

/** A stack of the deployment. */
export interface StackState {
  readonly part: Part;
  readonly name: string;
  /** In CloudFormation's words. */
  readonly status: string;
  readonly isProtected: boolean;
}

export interface Zone {
  /** Such as `eu-central-1a`: means another place in another account. */
  readonly name: string;
  /** Such as `euc1-az2`: means the same place in every account. */
  readonly id: string;
}

export class Account {
  readonly #config: Pick<GridConfig, 'name'>;
  readonly #region: string;

  constructor(config: Pick<GridConfig, 'name'>, region: string) {
    this.#config = config;
    this.#region = region;
  }

  /** The deployment's stacks that exist. */
  readonly stacks = once(async (): Promise<readonly StackState[]> => {
    const client = new CloudFormationClient(clientOf(this.#region));
    const found = await Promise.all(PARTS.map((part) => this.#stack(client, part)));
    return found.filter((stack) => stack !== undefined);
  });

  /** Physical ids of what the deployment's stacks hold. */
  readonly resources = once(async (): Promise<ReadonlySet<string>> => {
    const client = new CloudFormationClient(clientOf(this.#region));
    const ids = await Promise.all(
      (await this.stacks()).map(({ name }) =>
        collected(paginateListStackResources({ client }, { StackName: name }), ({ StackResourceSummaries = [] }) =>
          StackResourceSummaries.filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE').flatMap(
            ({ PhysicalResourceId }) => PhysicalResourceId ?? [],
          ),
        ),
      ),
    );
    return new Set(ids.flat());
  });

  /** The region's ordinary zones that can be used, by name. */
  readonly zones = once(async (): Promise<readonly Zone[]> => {
    const { AvailabilityZones = [] } = await new EC2Client(clientOf(this.#region)).send(
      new DescribeAvailabilityZonesCommand({
        Filters: [
          { Name: 'zone-type', Values: ['availability-zone'] },
          { Name: 'state', Values: ['available'] },
        ],
      }),
    );
    return AvailabilityZones.map(({ ZoneName = '', ZoneId = '' }) => ({ name: ZoneName, id: ZoneId })).sort((a, b) =>
      a.name.localeCompare(b.name),
    );
  });

  /** Addresses of the VPC that the deployment's network stack has made; undefined without one. */
  readonly networkCidr = once(async (): Promise<string | undefined> => {
    const client = new EC2Client(clientOf(this.#region));
    const [vpc] = await collected(
      paginateDescribeVpcs({ client }, { Filters: [this.#ofNetworkStack()] }),
      ({ Vpcs }) => Vpcs,
    );
    return vpc?.CidrBlock;
  });

  /** Names of the zones that the deployment's network has already, in its order; empty without a network. */
  readonly networkZones = once(async (): Promise<readonly string[]> => {
    const client = new EC2Client(clientOf(this.#region));
    const subnets = await collected(
      paginateDescribeSubnets({ client }, { Filters: [this.#ofNetworkStack()] }),
      ({ Subnets }) => Subnets,
    );
    return subnets
      .flatMap(({ AvailabilityZone = '', Tags = [] }) => {
        const logicalId = Tags.find(({ Key }) => Key === 'aws:cloudformation:logical-id')?.Value ?? '';
        const index = /privateSubnet(\d)/.exec(logicalId)?.[1];
        return index === undefined ? [] : [{ index, zone: AvailabilityZone }];
      })
      .sort((a, b) => a.index.localeCompare(b.index))
      .map(({ zone }) => zone);
  });

  /**
   * The zones that `Fn::GetAZs` answers with, in its order: those with a default subnet, or all when none has one
   * (CloudFormation's reference of Fn::GetAZs).
   */
  readonly defaultZones = once(async (): Promise<readonly string[]> => {
    const client = new EC2Client(clientOf(this.#region));
    const [zones, subnets] = await Promise.all([
      this.zones(),
      collected(
        paginateDescribeSubnets({ client }, { Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
        ({ Subnets }) => Subnets,
      ),
    ]);
    const withSubnet = new Set(subnets.map(({ AvailabilityZone }) => AvailabilityZone));
    const names = zones.map(({ name }) => name);
    const chosen = names.filter((name) => withSubnet.has(name));
    return chosen.length > 0 ? chosen : names;
  });

  /** CloudFormation tags what it makes with the stack's name. */
  #ofNetworkStack(): { Name: string; Values: string[] } {
    return { Name: 'tag:aws:cloudformation:stack-name', Values: [`${this.#config.name}-network`] };
  }

  async #stack(client: CloudFormationClient, part: Part): Promise<StackState | undefined> {
    const name = `${this.#config.name}-${part}`;
    try {
      const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
      return (
        stack && {
          part,
          name,
          status: stack.StackStatus ?? '',
          isProtected: stack.EnableTerminationProtection ?? false,
        }
      );
    } catch (error) {
      // CloudFormation has no name of its own for "there is none".
      if (isNamed(error, 'ValidationError') && error instanceof Error && error.message.includes('does not exist')) {
        return undefined;
      }
      throw error;
    }
  }
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}
