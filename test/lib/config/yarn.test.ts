import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type InstanceType, instanceType } from '../../../lib/config/instance-types.ts';
import { containerMib, executorsOf, largestHeapGib, yarnMemoryMib } from '../../../lib/config/yarn.ts';
import { type DeploymentName, DEPLOYMENTS } from '../../support/deployments.ts';

function typed(name: string): InstanceType {
  const type = instanceType(name);
  if (!type) {
    throw new Error(`no instance type ${name}`);
  }
  return type;
}

describe('the memory that EMR gives YARN', () => {
  // https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-hadoop-task-config.html, as in awsdocs/amazon-emr-release-guide
  test.each([
    ['m4.large', 6_144],
    ['m4.xlarge', 12_288],
    ['m4.2xlarge', 24_576],
    ['m4.4xlarge', 57_344],
    ['m4.10xlarge', 155_648],
    ['m4.16xlarge', 253_952],
    ['i3.xlarge', 23_424],
    ['i3.2xlarge', 54_272],
    ['i3.4xlarge', 116_736],
    ['i3.8xlarge', 241_664],
    ['i3.16xlarge', 491_520],
    ['r4.2xlarge', 54_272],
    ['r4.16xlarge', 491_520],
  ])('of %s is what the Release Guide lists', (name, mib) => {
    expect(yarnMemoryMib(typed(name))).toBe(mib);
  });

  test('goes to an executor with 18.75 % overhead, in steps of 32 MiB', () => {
    // 20 x 1,024 x 1.1875
    expect(containerMib(20)).toBe(24_320);
    expect(containerMib(1)).toBe(1_024 + 384);
  });
});

describe('executors', () => {
  const nodes = { type: typed('m5.2xlarge'), nodes: 2, cores: 7 };

  test('of 20 GiB fit an m5.2xlarge, but not the one with the application master', () => {
    expect(executorsOf({ ...nodes, heapGiB: 20 })).toBe(1);
    expect(executorsOf({ ...nodes, heapGiB: 19 })).toBe(2);
    expect(largestHeapGib(nodes.type)).toBe(19);
  });

  test('need cores, too: the application master has one', () => {
    expect(executorsOf({ ...nodes, heapGiB: 8, cores: 8 })).toBe(1);
    expect(executorsOf({ ...nodes, heapGiB: 4, cores: 1 })).toBeGreaterThan(2);
  });

  test('of the largest heap fit every node, and of one GiB more not all', () => {
    const sizes = fc.constantFrom('m5.xlarge', 'm5.2xlarge', 'm5.4xlarge', 'm5.8xlarge', 'r5.xlarge', 'c5.xlarge');
    fc.assert(
      fc.property(sizes.map(typed), fc.integer({ min: 1, max: 100 }), (type, count) => {
        const heapGiB = largestHeapGib(type);
        const all = { type, nodes: count, cores: type.vcpus - 1 };
        expect(executorsOf({ ...all, heapGiB })).toBe(count);
        expect(executorsOf({ ...all, heapGiB: heapGiB + 1 })).toBeLessThan(count);
      }),
    );
  });

  test.each(Object.keys(DEPLOYMENTS) as DeploymentName[])('of %s all run, one on each core node', (name) => {
    const { coreType, coreNodes, executorMemoryGiB, executorCores } = DEPLOYMENTS[name]().spark;
    const found = executorsOf({
      type: typed(coreType),
      nodes: coreNodes,
      heapGiB: executorMemoryGiB,
      cores: executorCores,
    });
    expect(found).toBe(coreNodes);
  });
});
