import {
  DescribeAddressesCommand,
  EC2Client,
  paginateDescribeInstances,
  paginateDescribeLaunchTemplates,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
} from '@aws-sdk/client-ec2';

import { type Candidate, clientOf, present, type Scope, tagsOf } from '../candidate.ts';

/** Machines, their disks, the templates that they are started from, and addresses that cost while they are unused. */
export async function* ec2Machines({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new EC2Client(clientOf(region));
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, {})) {
    for (const { InstanceId = '', State, Tags, SecurityGroups = [] } of Reservations.flatMap(
      (r) => r.Instances ?? [],
    )) {
      // EC2 shows a terminated instance for about an hour.
      if (State?.Name !== 'terminated') {
        yield {
          type: 'AWS::EC2::Instance',
          id: InstanceId,
          names: present(...SecurityGroups.map((group) => group.GroupName)),
          tags: tagsOf(Tags),
          state: State?.Name ?? '',
        };
      }
    }
  }
  for await (const { Volumes = [] } of paginateDescribeVolumes({ client }, {})) {
    for (const { VolumeId = '', State = '', Tags } of Volumes) {
      yield { type: 'AWS::EC2::Volume', id: VolumeId, names: [], tags: tagsOf(Tags), state: State };
    }
  }
  for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client }, { OwnerIds: ['self'] })) {
    for (const { SnapshotId = '', State = '', Tags } of Snapshots) {
      yield { type: 'AWS::EC2::Snapshot', id: SnapshotId, names: [], tags: tagsOf(Tags), state: State };
    }
  }
  for await (const { LaunchTemplates = [] } of paginateDescribeLaunchTemplates({ client }, {})) {
    for (const { LaunchTemplateId = '', LaunchTemplateName, Tags } of LaunchTemplates) {
      yield {
        type: 'AWS::EC2::LaunchTemplate',
        id: LaunchTemplateId,
        names: present(LaunchTemplateName),
        tags: tagsOf(Tags),
      };
    }
  }
  const { Addresses = [] } = await client.send(new DescribeAddressesCommand({}));
  for (const { AllocationId, PublicIp = '', Tags } of Addresses) {
    yield { type: 'AWS::EC2::EIP', id: AllocationId ?? PublicIp, names: [], tags: tagsOf(Tags) };
  }
}
