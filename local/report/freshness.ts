const RECENT_MS = 60_000;

/** A quantile of measured values: the smallest value that at least this share of them does not pass. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** How long readings, or windows, took until they could be queried; what the canary measured. */
export class Freshness {
  readonly #measured: { atMs: number; ms: number }[] = [];

  add(ms: number): void {
    this.#measured.push({ atMs: Date.now(), ms });
  }

  /** Over the whole run; undefined when nothing was measured. ms. */
  get whole(): { p50: number; p99: number } | undefined {
    const values = this.#measured.map(({ ms }) => ms);
    return values.length === 0 ? undefined : { p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
  }

  /** Over the last minute; undefined when nothing was measured. ms. */
  get lastMinute(): { p50: number; max: number } | undefined {
    const since = Date.now() - RECENT_MS;
    const values = this.#measured.filter(({ atMs }) => atMs >= since).map(({ ms }) => ms);
    return values.length === 0 ? undefined : { p50: quantile(values, 0.5), max: Math.max(...values) };
  }
}
