/** Spans of wall-clock time that already have readings and must get no others. */

/** From `fromMs` on and before `toMs`, wall-clock ms since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Spans in order of time, with those that touch or overlap made one. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1);
    if (last && span.fromMs <= last.toMs) {
      merged[merged.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    } else {
      merged.push(span);
    }
  }
  return merged;
}

/** The parts of a span that none of the others cover. */
export function gaps(span: Span, others: readonly Span[]): Span[] {
  const found: Span[] = [];
  let fromMs = span.fromMs;
  for (const other of mergeSpans(others)) {
    if (other.fromMs > fromMs) {
      found.push({ fromMs, toMs: Math.min(other.fromMs, span.toMs) });
    }
    fromMs = Math.max(fromMs, other.toMs);
    if (fromMs >= span.toMs) {
      break;
    }
  }
  if (fromMs < span.toMs) {
    found.push({ fromMs, toMs: span.toMs });
  }
  return found.filter((gap) => gap.fromMs < gap.toMs);
}

/** Answers, for instants asked in ascending order, whether they lie in a span; costs nothing once the last is past. */
export class SpanCursor {
  readonly #spans: readonly Span[];
  #next = 0;
  /** Where the span before or around the last instant asked for ends; -Infinity before the first one. */
  lastEndMs = -Infinity;

  /** @param spans in order and apart, as {@link mergeSpans} gives them. */
  constructor(spans: readonly Span[]) {
    this.#spans = spans;
  }

  covers(wallMs: number): boolean {
    let span = this.#spans[this.#next];
    while (span && span.toMs <= wallMs) {
      this.lastEndMs = span.toMs;
      this.#next += 1;
      span = this.#spans[this.#next];
    }
    return span !== undefined && span.fromMs <= wallMs;
  }
}
