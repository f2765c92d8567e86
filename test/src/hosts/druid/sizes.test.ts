import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { directMb } from '../../../../src/druid/configuration.ts';
import { DRUID_SERVICES } from '../../../../src/druid/settings.ts';
import { hostSizes, MIN_MEMORY_MB } from '../../../../src/hosts/druid/sizes.ts';

const machine = fc.record({
  memoryMb: fc.integer({ min: MIN_MEMORY_MB, max: 500_000 }),
  cpus: fc.integer({ min: 1, max: 96 }),
  diskGb: fc.integer({ min: 5, max: 60_000 }),
});

describe('the sizes of Druid on a host', () => {
  test('fit into the memory of any machine, heaps, buffers and all', () => {
    fc.assert(
      fc.property(machine, (size) => {
        const { sizes } = hostSizes(size);
        const taken = DRUID_SERVICES.reduce(
          (sum, service) => sum + sizes[service].heapMb + directMb({ sizes }, service),
          0,
        );
        expect(taken).toBeLessThan(size.memoryMb);
        // A machine of some size leaves a quarter and more to the page cache.
        if (size.memoryMb > 8_000) {
          expect(taken).toBeLessThan(0.75 * size.memoryMb);
        }
      }),
    );
  });

  test('keep every heap where pointers are compressed, and every buffer in bounds', () => {
    fc.assert(
      fc.property(machine, (size) => {
        for (const { heapMb, bufferMb = 1 } of Object.values(hostSizes(size).sizes)) {
          expect(heapMb).toBeLessThan(32_000);
          expect(bufferMb).toBeLessThanOrEqual(1_000);
        }
      }),
    );
  });

  test('give no process a limit under what its heap and buffers alone take', () => {
    fc.assert(
      fc.property(machine, (size) => {
        const { sizes, limitsMb } = hostSizes(size);
        for (const service of DRUID_SERVICES) {
          expect(limitsMb[service]).toBeGreaterThan(sizes[service].heapMb + directMb({ sizes }, service));
        }
      }),
    );
  });

  test('let what maps segments have the page cache', () => {
    const { sizes, limitsMb } = hostSizes({ memoryMb: 60_000, cpus: 8, diskGb: 1_900 });
    expect(limitsMb.historical).toBeGreaterThan(20_000);
    expect(limitsMb.broker).toBeLessThan(2 * (sizes.broker.heapMb + directMb({ sizes }, 'broker')));
  });

  test('leave room on the disk beside the segments, and slots for tasks that publish', () => {
    const { cacheGb, workers } = hostSizes({ memoryMb: 60_000, cpus: 8, diskGb: 1_900 });
    expect(cacheGb).toBe(1_330);
    // A task a core for powerraw, one for each of the two other data sources, and as many that publish.
    expect(workers).toBe(20);
  });

  test('are refused on a machine that is too small', () => {
    expect(() => hostSizes({ memoryMb: 1_000, cpus: 1, diskGb: 10 })).toThrow('at least 2048 MB');
  });
});
