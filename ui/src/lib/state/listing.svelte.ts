// A list with a choice in it: its order, the rows in sight, moving the choice, and keeping it where it was when the list
// changes. Knows neither where the order comes from nor how it is drawn.
import type { Anchor, Span } from "../list/layout";
import { conversationAt, except, hasAny, neighbour, NOTHING, type Order, without } from "../list/order";
import { Choice, type Surroundings } from "./choice.svelte";
import type { Gate } from "./gate.svelte";
import { Rows } from "./rows.svelte";

/** How many rows beyond those in sight are fetched with them. */
const MARGIN = 30;
/** What is taken to be in sight before anything was drawn. */
const FIRST_SIGHT: Span = { from: 0, to: 30 };

/** A list of rows, one of which is chosen. */
export class Listing {
  readonly rows: Rows;
  readonly choice: Choice;
  order = $state.raw<Order>(NOTHING);
  /** Where the chosen one stands; −1 for nowhere. */
  readonly place = $derived.by(() => {
    const { seq } = this.choice;
    return seq === null ? -1 : this.order.seqs.indexOf(seq);
  });
  /** What the eyes were on when it was last drawn, to be found again. */
  eyes: Anchor[] = [];
  #sight = FIRST_SIGHT;
  /** As the daemon lists it. */
  #whole: Order = NOTHING;
  /** What is being dealt with: it is not shown while the daemon still lists it. */
  #leaving: readonly number[] = [];
  #settled: () => void;

  /**
   * `changed` is called after something was done with rows of it; `leaves` says whether they leave it by that, and `settled`
   * is called once none is being dealt with any more.
   */
  constructor(gate: Gate, changed: Surroundings["changed"], leaves: boolean, settled = () => {}) {
    this.#settled = settled;
    this.rows = new Rows(gate);
    this.choice = new Choice(gate, this.rows, {
      changed,
      leave: (seqs) => leaves && this.#leave(seqs),
      settle: (seqs) => this.settle(seqs),
    });
  }

  /** Says which rows are in sight: they, and those around them, are fetched. */
  see(sight: Span): Promise<void> {
    this.#sight = sight;
    return this.look();
  }

  /** Fetches what is in sight and the chosen one, as far as they are not known or old. */
  look(order = this.order): Promise<void> {
    const { from, to } = this.#sight;
    const near = order.seqs.slice(Math.max(0, from - MARGIN), to + MARGIN);
    return this.rows.want(this.choice.seq === null ? near : [...near, this.choice.seq]);
  }

  /** Moves the choice by so many rows, as far as the list goes. */
  move(by: number): Promise<void> {
    const last = this.order.seqs.length - 1;
    const at = this.place;
    if (at < 0) return this.chooseAt(by > 0 ? 0 : last);
    return this.chooseAt(Math.min(Math.max(at + by, 0), last));
  }

  /** Moves the choice by about a screenful. */
  page(direction: 1 | -1): Promise<void> {
    return this.move(direction * Math.max(1, Math.floor((this.#sight.to - this.#sight.from) / 3)));
  }

  /** Chooses the row at this place. */
  async chooseAt(place: number): Promise<void> {
    const seq = this.order.seqs[place];
    if (seq !== undefined) await this.choice.choose(seq);
  }

  /** Moves the choice to the first of the next app, or of the one before. */
  moveByApp(step: 1 | -1): Promise<void> {
    const { groups } = this.order;
    const at = groups.findIndex(({ from, to }) => from <= this.place && this.place < to);
    return this.chooseAt(groups[at + step]?.from ?? this.place);
  }

  /** The chosen one's whole conversation. */
  conversation(): number[] {
    if (this.place < 0) return [];
    return this.order.seqs.slice(...conversationAt(this.order, this.place));
  }

  /** Shows another order. The choice stays on the same row, or goes to the one that took its place. */
  show(order: Order): Promise<void> {
    this.#whole = order;
    return this.#arrange();
  }

  /** These are not listed any more; they are settled by whoever deals with them. */
  drop(seqs: readonly number[]): void {
    this.#whole = without(this.#whole, seqs);
  }

  /** Whether any is being dealt with. */
  get isDealing(): boolean {
    return this.#leaving.length > 0;
  }

  /** What was being dealt with is shown again, as far as it is still listed. */
  settle(seqs: readonly number[] = this.#leaving): void {
    this.#leaving = except(this.#leaving, seqs);
    if (hasAny(this.#whole, seqs)) void this.#arrange();
    if (!this.isDealing) this.#settled();
  }

  #leave(seqs: readonly number[]): void {
    this.#leaving = [...this.#leaving, ...seqs];
    void this.#arrange();
  }

  async #arrange(): Promise<void> {
    const { choice, order: old } = this;
    const at = this.place;
    this.order = without(this.#whole, this.#leaving);
    await choice.choose(this.place >= 0 ? choice.seq : neighbour(old, at, this.order));
  }

  /** Forgets all. */
  async clear(): Promise<void> {
    this.order = this.#whole = NOTHING;
    this.#leaving = [];
    this.eyes = [];
    this.#sight = FIRST_SIGHT;
    this.rows.clear();
    await this.choice.choose(null);
  }
}
