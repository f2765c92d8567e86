import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { TOPICS } from '../../../src/core/messages/topics.ts';
import { DATA_SOURCES } from '../../../src/druid/data-sources.ts';
import { retentionRules, supervisorSpecs } from '../../../src/druid/supervisor-specs.ts';

const spec = z.object({
  spec: z.object({
    dataSchema: z.object({
      dataSource: z.string(),
      timestampSpec: z.object({ column: z.string(), format: z.literal('millis') }),
      dimensionsSpec: z.object({ dimensions: z.array(z.string()) }),
      metricsSpec: z.array(
        z.object({
          type: z.string(),
          name: z.string(),
          fieldName: z.string().optional(),
          expression: z.string().optional(),
        }),
      ),
      granularitySpec: z.object({ queryGranularity: z.string(), rollup: z.literal(true) }),
      transformSpec: z.object({ filter: z.object({ fields: z.array(z.record(z.string(), z.unknown())) }) }).optional(),
    }),
    ioConfig: z.object({
      topic: z.string(),
      inputFormat: z.object({
        avroBytesDecoder: z.object({
          schema: z.object({ name: z.string(), fields: z.array(z.object({ name: z.string() })) }),
        }),
      }),
      consumerProperties: z.record(z.string(), z.string()),
      taskCount: z.number(),
    }),
  }),
});

const consumer = { 'bootstrap.servers': 'a:1,b:2', 'security.protocol': 'SASL_SSL' };
const specs = (await supervisorSpecs({ consumer, maxIntervalMs: 1_250, taskCounts: { powerraw: 3 } })).map((one) => ({
  id: one.id,
  ...spec.parse(one.spec).spec,
}));

describe('supervisor specs', () => {
  test('there is one for each data source, reading the topic of its name by its schema', () => {
    expect(specs.map(({ id }) => id)).toEqual(DATA_SOURCES);
    for (const { id, dataSchema, ioConfig } of specs) {
      expect(Object.values(TOPICS)).toContain(id);
      expect(dataSchema.dataSource).toBe(id);
      expect(ioConfig.topic).toBe(id);
      expect(ioConfig.inputFormat.avroBytesDecoder.schema.name).toBe(id);
      expect(ioConfig.consumerProperties).toEqual(consumer);
      expect(ioConfig.taskCount).toBe(id === 'powerraw' ? 3 : 1);
    }
  });

  test('every column comes from a field that the message has', () => {
    for (const { dataSchema, ioConfig } of specs) {
      const fields = ioConfig.inputFormat.avroBytesDecoder.schema.fields.map(({ name }) => name);
      const used = [
        dataSchema.timestampSpec.column,
        ...dataSchema.dimensionsSpec.dimensions,
        ...dataSchema.metricsSpec.flatMap(({ fieldName, expression }) => [
          ...(fieldName === undefined ? [] : [fieldName]),
          ...(expression?.match(/[a-z_]+/g) ?? []),
        ]),
      ];
      expect(fields).toEqual(expect.arrayContaining(used));
    }
  });

  test('a message that arrives twice changes no duty cycle and no history: their metrics are maxima', () => {
    for (const { dataSchema } of specs.filter(({ id }) => id !== 'powerraw')) {
      expect(dataSchema.granularitySpec.queryGranularity).toBe('NONE');
      for (const { type } of dataSchema.metricsSpec) {
        expect(type).toMatch(/Max$/);
      }
    }
  });

  test('readings outside of the limits are left out, by the same limits as the duty cycle', () => {
    const filters = specs[0]?.dataSchema.transformSpec?.filter.fields;
    expect(filters).toEqual([
      { type: 'range', column: 'power', matchValueType: 'DOUBLE', lower: 0, upper: 100_000 },
      { type: 'range', column: 'interval_ms', matchValueType: 'LONG', lower: 0, upper: 1_250 },
    ]);
  });

  test('segments are served for the retention and dropped after it', async () => {
    expect(await retentionRules('P30D')).toEqual([
      expect.objectContaining({ type: 'loadByPeriod', period: 'P30D', tieredReplicants: { _default_tier: 1 } }),
      { type: 'dropForever' },
    ]);
  });
});
