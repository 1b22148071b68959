// The check-in as the user goes through it: its books, and what is said at its end. When it ends and what brings it back is
// the daemon's. Knows nothing of how it is drawn.
import type { LedgerView, View } from "../contract";
import type { Gate } from "./gate.svelte";

/** A check-in that is over because nothing was left of it. */
export interface Ended {
  /** How many were dealt with. */
  dealt: number;
  /** How many of what was handed over were put off. */
  later: number;
}

/** The check-in that is open, or that has just ended. */
export class CheckIn {
  /** The books of the period that was handed over, until the check-in is closed. */
  books = $state.raw<LedgerView | null>(null);
  /** Set from the last one that was dealt with until a block starts or something is taken back. */
  ended = $state.raw<Ended | null>(null);
  /** How many periods of the books have begun, and at which of them this was last asked. */
  #period = 0;
  #told = -1;
  #gate: Gate;
  #before: View | null = null;
  #beginning: Promise<boolean> | null = null;

  constructor(gate: Gate) {
    this.#gate = gate;
    gate.follow(() => this.#accept(gate.view));
  }

  /** Whether the user is checking in. */
  get open(): boolean {
    return this.ended === null && (this.#gate.view?.checking_in ?? false);
  }

  /** Whether it is another one than when this was last asked. */
  isNew(): boolean {
    const isNew = this.#period !== this.#told;
    this.#told = this.#period;
    return isNew;
  }

  /** Hands over what is held, once, however often it is asked for meanwhile. */
  begin(): Promise<boolean> {
    this.#beginning ??= this.#handOver().finally(() => (this.#beginning = null));
    return this.#beginning;
  }

  /** Ends it, whatever is left. Gives whether it has ended. */
  async close(): Promise<boolean> {
    // What was pressed right after its beginning is for it, though no view has told of it yet.
    const begun = await this.#beginning;
    if (!this.open && begun !== true) return false;
    if ((await this.#gate.ask({ verb: "close-check-in" })) === null) return false;
    this.leave();
    return true;
  }

  /** Goes back to work from its end. */
  leave(): void {
    this.books = null;
    this.ended = null;
  }

  async #handOver(): Promise<boolean> {
    return (await this.#gate.ask({ verb: "check-in", when: "in-window" })) !== null;
  }

  #accept(now: View | null): void {
    const before = this.#before;
    this.#before = now;
    if (now === null) return this.leave();
    if (before === null) {
      if (now.checking_in) this.books = now.handed_over;
      return;
    }
    const isNext = now.period !== before.period;
    if (isNext) this.#period += 1;
    if (isNext || isAnotherBlock(before, now)) this.leave();
    if (now.worked_off) {
      // Of a view that comes late it may be the first word of a whole check-in.
      if (isNext || !before.worked_off) this.#end(now);
    } else if (now.checking_in) {
      this.ended = null;
      this.books = now.handed_over;
    } else if (before.checking_in) {
      this.leave();
    }
  }

  #end(now: View): void {
    const { done, released } = now.ledger;
    this.books = now.handed_over;
    this.ended = { dealt: done + released, later: now.later };
  }
}

function isAnotherBlock(before: View, now: View): boolean {
  return now.block !== null && before.block === null;
}
