// The texts of rows, fetched by cursor as they come into sight and dropped when they are far from it. Knows nothing of their
// order.
import type { Item } from "../contract";
import { UNKNOWN, withAnswer } from "../list/known";
import type { Gate } from "./gate.svelte";
import { Turns } from "./turns";

/** The most that the daemon gives at a time. */
export const AT_ONCE = 200;

/** The rows that are known. */
export class Rows {
  #known = $state.raw(UNKNOWN);
  #generation = 0;
  #wanted: readonly number[] = [];
  #turns = new Turns(() => this.#fetchWanted());
  #gate: Gate;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** A row, if it is known. */
  get(seq: number): Item | null {
    return this.#known.get(seq)?.item ?? null;
  }

  /** How many are kept. */
  get size(): number {
    return this.#known.size;
  }

  /** Keeps rows that came with a page. */
  put(items: readonly Item[]): void {
    this.#keep([], items);
  }

  /** What is known may be old: it is shown until it has been fetched anew. */
  age(): void {
    this.#generation += 1;
  }

  /** Forgets all. */
  clear(): void {
    this.#known = UNKNOWN;
    this.#wanted = [];
  }

  /** Fetches what is not known of these. While one fetch runs, only the newest wish waits. */
  want(seqs: readonly number[]): Promise<void> {
    this.#wanted = seqs;
    return this.#turns.take();
  }

  /** Fetches one out of turn. */
  async one(seq: number): Promise<Item | null> {
    if (this.#isMissing(seq)) await this.#fetch([seq]);
    return this.get(seq);
  }

  /** Those of these that there are, fetched out of turn as far as they are not known. */
  async all(seqs: readonly number[]): Promise<Item[]> {
    const missing = seqs.filter((seq) => this.get(seq) === null);
    for (let at = 0; at < missing.length; at += AT_ONCE) await this.#fetch(missing.slice(at, at + AT_ONCE));
    return seqs.flatMap((seq) => this.get(seq) ?? []);
  }

  async #fetchWanted(): Promise<void> {
    for (;;) {
      const missing = this.#wanted.filter((seq) => this.#isMissing(seq)).slice(0, AT_ONCE);
      if (missing.length === 0 || !(await this.#fetch(missing))) return;
    }
  }

  #isMissing(seq: number): boolean {
    return this.#known.get(seq)?.of !== this.#generation;
  }

  async #fetch(asked: number[]): Promise<boolean> {
    const generation = this.#generation;
    const page = await this.#gate.fetch({ verb: "rows", seqs: asked });
    if (!page) return false;
    this.#keep(asked, page.items, generation);
    return true;
  }

  #keep(asked: readonly number[], items: readonly Item[], generation = this.#generation): void {
    this.#known = withAnswer(this.#known, { asked, items, generation }, this.#wanted);
  }
}
