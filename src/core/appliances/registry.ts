/**
 * What an appliance is, by the label that a data set gives it: its one name, type, class, role, and the power from which
 * on it is on. The registry is data, registry.json, with the reason for every threshold.
 */
import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { DATA_SETS, type DataSetName } from '../data-sets.ts';

/**
 * What shedding the appliance would mean: `essential` is not to be touched, `deferrable` runs later instead,
 * `thermostatic` keeps a temperature for a while without power, `discretionary` is missed at once but harms nobody;
 * `none` is no appliance.
 */
export const APPLIANCE_CLASSES = ['essential', 'deferrable', 'thermostatic', 'discretionary', 'none'] as const;

/** The classes that a grid may turn off, the one that is missed least first. */
export const SHEDDABLE_CLASSES = ['deferrable', 'thermostatic', 'discretionary'] as const satisfies ApplianceClass[];

/**
 * Only an `appliance` is summed: mains and subpanels hold appliances that are measured as well, a canary is none, and
 * what is `unknown` may be any of them.
 */
export const ROLES = ['appliance', 'mains', 'subpanel', 'unknown', 'canary'] as const;

const Watts = z.number().positive();

/** A value and why it is what it is. */
const reasoned = <Value extends z.ZodType>(value: Value) => z.strictObject({ value, why: z.string().min(1) });

/** What demand response may do to appliances of a kind, and what that causes later. */
const SheddingEntry = z.strictObject({
  class: z.enum(SHEDDABLE_CLASSES),
  max_off_min: reasoned(z.number().positive().max(60)),
  min_on_min: reasoned(z.number().nonnegative()),
  pausable: reasoned(z.boolean()),
  rebound_share: reasoned(z.number().nonnegative()),
  payback_share: reasoned(z.number().min(0).max(1)),
});

const Appliance = z.strictObject({
  /** One name per meaning, in lower case words; `appliance_name` in messages. */
  name: z.string().regex(/^[a-z][a-z ]*$/),
  /** What it is for, e.g. `refrigeration`. */
  type: z.string().regex(/^[a-z][a-z ]*$/),
  class: z.enum(APPLIANCE_CLASSES),
  /** Its entry under `shedding`; classes that are not to be touched have none. */
  shedding: z.string().optional(),
  role: z.enum(ROLES),
  /** On at this power and above, W. */
  on_threshold_w: Watts,
  /** The data sets' labels for it, in their own spelling. */
  labels: z.array(z.string().min(1)).min(1),
  /** Why the threshold is what it is. */
  why: z.string().min(1),
});

const Registry = z.strictObject({
  default_on_threshold_w: Watts,
  /** By kind of appliance. */
  shedding: z.record(z.string(), SheddingEntry),
  appliances: z.array(Appliance),
  /** Thresholds of single appliances, in all their playbacks. */
  overrides: z.array(
    z.strictObject({
      data_set: z.enum(Object.keys(DATA_SETS) as [DataSetName, ...DataSetName[]]),
      house: z.string(),
      channel: z.string(),
      on_threshold_w: Watts,
      why: z.string().min(1),
    }),
  ),
});

export type Appliance = Readonly<Omit<z.infer<typeof Appliance>, 'labels' | 'why' | 'shedding'>>;
export type ApplianceClass = Appliance['class'];
export type SheddableClass = (typeof SHEDDABLE_CLASSES)[number];

/** What demand response may do to an appliance. Durations are grid time. */
export interface Shedding {
  /** Key in the registry, e.g. `cold storage`. */
  readonly kind: string;
  readonly class: SheddableClass;
  /** The longest time off in one call, release jitter included, minutes. */
  readonly maxOffMin: number;
  /** The least time between a release and the next call, minutes. */
  readonly minOnMin: number;
  /** Whether it may be switched off while it runs; otherwise only its start may be blocked. */
  readonly pausable: boolean;
  /** Peak power that comes back on top of the usual load after the release, per watt of relief. */
  readonly reboundShare: number;
  /** Energy that is drawn later, per energy not drawn. */
  readonly paybackShare: number;
}

const registry = Registry.parse(JSON.parse(readFileSync(new URL('./registry.json', import.meta.url), 'utf8')));
const UNKNOWN = 'unknown';

/** `kitchen_outlets` and `Kitchen-Outlets` are one label. */
const keyOf = (label: string): string =>
  label
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();

/** `mains_1`, `laptop2` and `mains 1 (red)` are mains and a laptop: a label with a number is one of several. */
const withoutNumber = (key: string): string => key.replace(/ ?(?:#|no\.? ?)?\d+(?: ?\(.*\))?$/, '');

const byLabel = new Map<string, Appliance>();
const sheddingByName = new Map<string, Shedding>();
for (const { labels, name, type, class: class_, shedding: kind, role, on_threshold_w } of registry.appliances) {
  const appliance: Appliance = { name, type, class: class_, role, on_threshold_w };
  const found = sheddingOf(name, class_, kind);
  if (found) {
    sheddingByName.set(name, found);
  }
  for (const label of labels) {
    if (byLabel.has(keyOf(label))) {
      throw new Error(`registry.json: the label ${label} stands twice`);
    }
    byLabel.set(keyOf(label), appliance);
  }
}

/** @throws Error when an appliance's class and its kind of shedding contradict each other. */
function sheddingOf(name: string, class_: ApplianceClass, kind: string | undefined): Shedding | undefined {
  const isSheddable = (SHEDDABLE_CLASSES as readonly ApplianceClass[]).includes(class_);
  const entry = kind === undefined ? undefined : registry.shedding[kind];
  if (!isSheddable && kind === undefined) {
    return undefined;
  }
  if (kind === undefined || entry?.class !== class_) {
    throw new Error(`registry.json: ${name} is ${class_}, which does not go with shedding ${kind ?? '(none)'}`);
  }
  return {
    kind,
    class: entry.class,
    maxOffMin: entry.max_off_min.value,
    minOnMin: entry.min_on_min.value,
    pausable: entry.pausable.value,
    reboundShare: entry.rebound_share.value,
    paybackShare: entry.payback_share.value,
  };
}

/**
 * What demand response may do to the appliance of a name of the registry.
 *
 * @returns undefined for what must never be switched off: essential, no appliance, or not registered.
 */
export function shedding(name: string): Shedding | undefined {
  return sheddingByName.get(name);
}

const warned = new Set<string>();

/**
 * The appliance of a label. An unknown label gives the appliance `unknown`, in no sum, with the default
 * threshold.
 *
 * @param warn told of every unknown label once per process. Default: stderr.
 */
export function appliance(
  label: string,
  warn: (message: string) => void = (message) => process.stderr.write(`${message}\n`),
): Appliance {
  const key = keyOf(label);
  const known = byLabel.get(key) ?? byLabel.get(withoutNumber(key));
  if (known) {
    return known;
  }
  if (!warned.has(key)) {
    warned.add(key);
    warn(
      `no appliance has the label "${label}": taken as unknown, which is in no sum (src/core/appliances/registry.json)`,
    );
  }
  const unknown = byLabel.get(UNKNOWN);
  if (!unknown) {
    throw new Error('registry.json lacks the appliance unknown');
  }
  return unknown;
}

/** All appliances of the registry, in its order. */
export function appliances(): readonly Appliance[] {
  return [...new Set(byLabel.values())];
}

/** The thresholds file of the duty-cycle job: on = power >= threshold, W. */
export interface Thresholds {
  /** For a name that is not in `names`. */
  readonly default_w: number;
  /** By appliance_name. */
  readonly names: Readonly<Record<string, number>>;
  /** By appliance_id; goes before the name's. */
  readonly appliances: Readonly<Record<string, number>>;
}

/**
 * @param playbacks those for which thresholds of single appliances are wanted, `from` to before `to`: an appliance id
 *   holds its playback. Default: none.
 */
export function thresholds(playbacks: { readonly from: number; readonly to: number } = { from: 0, to: 0 }): Thresholds {
  const single: Record<string, number> = {};
  for (const { data_set, house, channel, on_threshold_w } of registry.overrides) {
    for (let playback = playbacks.from; playback < playbacks.to; playback += 1) {
      single[`${DATA_SETS[data_set]}_${playback}_${house}_${channel}`] = on_threshold_w;
    }
  }
  return {
    default_w: registry.default_on_threshold_w,
    names: byName(({ on_threshold_w }) => on_threshold_w),
    appliances: single,
  };
}

/** The maps that Druid looks up by appliance_name. */
export interface Lookups {
  readonly appliance_class: Readonly<Record<string, string>>;
  readonly appliance_type: Readonly<Record<string, string>>;
  readonly appliance_role: Readonly<Record<string, string>>;
}

export function lookups(): Lookups {
  return {
    appliance_class: byName((entry) => entry.class),
    appliance_type: byName((entry) => entry.type),
    appliance_role: byName((entry) => entry.role),
  };
}

function byName<Value>(valueOf: (appliance: Appliance) => Value): Record<string, Value> {
  return Object.fromEntries(appliances().map((entry) => [entry.name, valueOf(entry)]));
}
