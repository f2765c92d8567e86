/** A slot is written again within a few slots of itself, or never: older ones need not be remembered. */
const REMEMBERED_SLOTS = 50;

/** What history holds, an appliance counted once a slot. */
export interface SlotAudit {
  /** Distinct (appliance, slot). */
  readonly found: number;
  /** Messages beyond the first for the same (appliance, slot). */
  readonly repeats: number;
  /** The earliest slot, ms since the epoch; 0 when there is none. */
  readonly from_ms: number;
}

/** Counts the messages of history's slots. */
export class SlotAuditor {
  readonly #slots = new Map<number, Set<string>>();
  #found = 0;
  #repeats = 0;
  #fromMs = 0;

  add(appliance: string, slotMs: number): void {
    let slot = this.#slots.get(slotMs);
    if (!slot) {
      this.#slots.set(slotMs, (slot = new Set()));
      const [oldest] = this.#slots.keys();
      if (this.#slots.size > REMEMBERED_SLOTS && oldest !== undefined) {
        this.#slots.delete(oldest);
      }
    }
    if (slot.has(appliance)) {
      this.#repeats += 1;
      return;
    }
    slot.add(appliance);
    this.#found += 1;
    this.#fromMs = this.#fromMs === 0 ? slotMs : Math.min(this.#fromMs, slotMs);
  }

  audit(): SlotAudit {
    return { found: this.#found, repeats: this.#repeats, from_ms: this.#fromMs };
  }
}
