import { type EC2Client, paginateDescribeInstanceTypes } from '@aws-sdk/client-ec2';

import { collected } from './clients.ts';

/** Values that one filter takes. */
const FILTER_VALUES = 200;

/** vCPUs of types as EC2 states them, without those that the region does not have: named by id, one of these would fail the whole question. */
export async function vcpusByType(client: EC2Client, types: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const wanted = [...new Set(types)].filter((type) => type !== '');
  const chunks = Array.from({ length: Math.ceil(wanted.length / FILTER_VALUES) }, (_, index) =>
    wanted.slice(index * FILTER_VALUES, (index + 1) * FILTER_VALUES),
  );
  const described = await Promise.all(
    chunks.map((Values) =>
      collected(
        paginateDescribeInstanceTypes({ client }, { Filters: [{ Name: 'instance-type', Values }] }),
        ({ InstanceTypes }) => InstanceTypes,
      ),
    ),
  );
  return new Map(
    described.flat().map(({ InstanceType = '', VCpuInfo }) => [InstanceType, VCpuInfo?.DefaultVCpus ?? 0]),
  );
}
