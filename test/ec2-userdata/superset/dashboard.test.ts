/** The dashboard as code: what its charts, datasets and layout agree on. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';

import { SHEDDABLE_CLASSES } from '../../../src/core/appliances/registry.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { seenWithout, smallestDifference } from '../../support/colours.ts';

const HOME = repositoryPath('ec2-userdata/superset');

/** The classes in the order that load is shed in; the last is not to be touched. */
const CLASSES = [...SHEDDABLE_CLASSES, 'essential'];
const LABELS = CLASSES.map((name, index) => `${index + 1} ${name}`);

const Metric = z.object({ metric_name: z.string(), verbose_name: z.string(), expression: z.string() });
const Dataset = z.object({
  uuid: z.string(),
  sql: z.string(),
  columns: z.array(z.object({ column_name: z.string() })),
  metrics: z.array(Metric),
});
const Chart = z.object({
  uuid: z.string(),
  slice_name: z.string(),
  viz_type: z.string(),
  dataset_uuid: z.string(),
  params: z.looseObject({
    metric: z.string().optional(),
    metrics: z.array(z.string()).default([]),
    metrics_b: z.array(z.string()).default([]),
    groupby: z.array(z.string()).default([]),
    groupby_b: z.array(z.string()).default([]),
    x_axis: z.string().optional(),
    timeseries_limit_metric: z.string().optional(),
    order_by_cols: z.array(z.string()).default([]),
  }),
});
const Component = z.object({
  children: z.array(z.string()).default([]),
  meta: z.looseObject({ sliceName: z.string().optional(), height: z.number().optional() }).optional(),
});
const Dashboard = z.object({
  position: z.record(z.string(), z.union([z.string(), Component])),
  metadata: z.object({
    label_colors: z.record(z.string(), z.string()),
    native_filter_configuration: z.array(
      z.object({
        name: z.string(),
        targets: z.array(
          z.object({ datasetUuid: z.string().optional(), column: z.object({ name: z.string() }).optional() }),
        ),
        sortMetric: z.string().optional(),
      }),
    ),
  }),
});

const load = (path: string): unknown => parse(readFileSync(join(HOME, 'assets', path), 'utf8'));
const all = <T>(folder: string, schema: z.ZodType<T>): Map<string, T> =>
  new Map(
    readdirSync(join(HOME, 'assets', folder)).map((file) => [
      basename(file, '.yaml'),
      schema.parse(load(join(folder, file))),
    ]),
  );

const datasets = all('datasets/druid', Dataset);
const charts = all('charts', Chart);
const { position, metadata } = Dashboard.parse(load('dashboards/igrid.yaml'));

function datasetOf(uuid: string | undefined): z.infer<typeof Dataset> {
  const found = [...datasets.values()].find((dataset) => dataset.uuid === uuid);
  if (found === undefined) {
    throw new Error(`there is no dataset ${uuid}`);
  }
  return found;
}

const isByClass = ({ params }: z.infer<typeof Chart>): boolean =>
  [...params.metrics, ...params.groupby].some((name) => CLASSES.includes(name) || name.includes('class'));

describe('the classes on the dashboard', () => {
  test.each(['sheddable_by_class', 'power_trend', 'top_appliances', 'top_types', 'top_houses', 'duty_cycle'])(
    'split %s',
    (name) => {
      const chart = charts.get(name);
      expect(chart !== undefined && isByClass(chart)).toBe(true);
    },
  );

  const byClass = [...charts.values()].filter(isByClass).map((chart) => [chart.slice_name, chart] as const);

  test.each(byClass)('have the order in which load is shed: %s', (_name, { viz_type, params, dataset_uuid }) => {
    if (viz_type === 'pie') {
      expect(params.groupby).toEqual(['class_label']);
      expect(params.order_by_cols.map((column): unknown => JSON.parse(column))).toEqual([['class_label', true]]);
      expect(params.sort_by_metric).toBe(false);
    } else if (viz_type === 'table') {
      expect(params.groupby).toContain('class_label');
      expect(params).toMatchObject({ timeseries_limit_metric: 'class_rank', order_desc: false });
    } else {
      // Superset puts series in the order of their labels, with numbers in them as numbers.
      expect(params).toMatchObject({ sort_series_type: 'name', sort_series_ascending: true, groupby: [] });
      const labels = params.metrics.map(
        (name) => datasetOf(dataset_uuid).metrics.find((metric) => metric.metric_name === name)?.verbose_name,
      );
      const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
      expect(labels.sort((a, b) => collator.compare(a ?? '', b ?? ''))).toEqual(LABELS);
    }
  });

  test('have the labels that the SQL of the datasets gives them', () => {
    const python = readFileSync(join(HOME, 'grid_sql.py'), 'utf8');
    CLASSES.forEach((name, index) => {
      expect(python).toContain(`"${name}": "${LABELS[index]}",`);
      for (const dataset of ['appliances_now', 'power_trend']) {
        const metric = datasets.get(dataset)?.metrics.find(({ metric_name }) => metric_name === name);
        expect(metric).toMatchObject({
          verbose_name: LABELS[index],
          expression: expect.stringContaining(`class_label = '${LABELS[index]}'`),
        });
      }
    });
  });

  test('have one colour each, whichever of its names a chart asks by', () => {
    const colours = CLASSES.map((name, index) => {
      const colour = metadata.label_colors[name];
      expect(metadata.label_colors[LABELS[index] ?? '']).toBe(colour);
      return colour;
    });
    expect(new Set(colours).size).toBe(CLASSES.length);
  });

  test.each(['nothing', 'red', 'green', 'blue'] as const)('are told apart by people who lack %s', (lacking) => {
    const colours = CLASSES.map((name) => seenWithout(lacking, metadata.label_colors[name] ?? ''));
    expect(smallestDifference(colours)).toBeGreaterThan(20);
  });
});

describe('a chart and a filter', () => {
  test.each([...charts])('name only what their dataset has: %s', (_name, { params, dataset_uuid }) => {
    const { columns, metrics } = datasetOf(dataset_uuid);
    const metricNames = metrics.map(({ metric_name }) => metric_name);
    const asked = [params.metric, ...params.metrics, ...params.metrics_b, params.timeseries_limit_metric];
    expect(asked.filter((name) => name !== undefined && !metricNames.includes(name))).toEqual([]);
    const columnNames = columns.map(({ column_name }) => column_name);
    const grouped = [...params.groupby, ...params.groupby_b, params.x_axis];
    expect(grouped.filter((name) => name !== undefined && !columnNames.includes(name))).toEqual([]);
  });

  test.each(metadata.native_filter_configuration.map((filter) => [filter.name, filter] as const))(
    'name only what their dataset has: filter %s',
    (_name, { targets, sortMetric }) => {
      for (const { datasetUuid, column } of targets) {
        if (column === undefined) {
          continue;
        }
        const { columns, metrics } = datasetOf(datasetUuid);
        expect(columns.map(({ column_name }) => column_name)).toContain(column.name);
        if (sortMetric !== undefined) {
          expect(metrics.map(({ metric_name }) => metric_name)).toContain(sortMetric);
        }
      }
    },
  );
});

test('the first screen holds class, duty cycle and usual power', () => {
  // Of a window of 1440 x 900: Superset's head and the filters take 197 px, rows are 16 px apart, a unit is 8 px.
  const [HEAD, GAP, UNIT, SCREEN] = [197, 16, 8, 900];
  const component = (id: string): z.infer<typeof Component> => Component.parse(position[id]);
  const bottoms = new Map<string, number>();
  let top = HEAD;
  for (const row of component('GRID_ID').children) {
    const tiles = component(row).children.map((id) => component(id).meta);
    for (const tile of tiles) {
      if (tile?.sliceName !== undefined) {
        bottoms.set(tile.sliceName, top + (tile.height ?? 0) * UNIT);
      }
    }
    top += Math.max(...tiles.map((tile) => tile?.height ?? 0)) * UNIT + GAP;
  }
  for (const name of ['sheddable_by_class', 'duty_cycle', 'now_and_usual']) {
    expect(bottoms.get(charts.get(name)?.slice_name ?? '')).toBeLessThanOrEqual(SCREEN);
  }
});

test('the house in focus is one with a usual power', () => {
  const focus = metadata.native_filter_configuration.find(({ name }) => name === 'House in focus');
  const dataset = datasetOf(focus?.targets[0]?.datasetUuid);
  expect(dataset.sql).toContain("grid.column('history', 'mean_power', 'DOUBLE')");
  const rank = dataset.metrics.find(({ metric_name }) => metric_name === focus?.sortMetric);
  expect(rank?.expression).toContain('SUM(usual_watts) IS NOT NULL');
});
