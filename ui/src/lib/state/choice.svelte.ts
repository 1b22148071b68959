// The chosen row, all there is to know of it, and what is done with it. Knows nothing of the list that it stands in.
import type { Detail, Item, Request, Which } from "../contract";
import type { Gate } from "./gate.svelte";
import type { Rows } from "./rows.svelte";
import { Turns } from "./turns";

/** What takes one out of the list of what is there to be dealt with. */
export type Fate = "done" | "later" | "release";

/** The chosen one of a list. */
export class Choice {
  /** Its cursor. */
  seq = $state<number | null>(null);
  /** As in the list, until all of it is here. */
  item = $state.raw<Item | null>(null);
  detail = $state.raw<Detail | null>(null);
  /** Something is being put off: if it is the chosen one, the choice does not go with it. */
  puttingOff = false;
  #gate: Gate;
  #rows: Rows;
  #changed: () => Promise<void>;
  #turns = new Turns(() => this.#fetch());
  #working = false;

  /** `changed` is called after something was done with it. */
  constructor(gate: Gate, rows: Rows, changed: () => Promise<void>) {
    this.#gate = gate;
    this.#rows = rows;
    this.#changed = changed;
  }

  /** Chooses one, and fetches all there is to know of it. */
  choose(seq: number | null): Promise<void> {
    if (seq !== this.seq) {
      this.item = seq === null ? null : this.#rows.get(seq);
      this.detail = null;
    }
    this.seq = seq;
    return this.renew();
  }

  /** Chooses the one that has this id, wherever it is now. */
  async chooseById(id: number): Promise<void> {
    const detail = await this.#show(id);
    if (detail) await this.choose(detail.item.seq);
  }

  /** Fetches it anew. While one fetch runs, at most one more waits: holding J down asks for what is passed over once. */
  renew(): Promise<void> {
    return this.#turns.take();
  }

  /** Opens it: by its default action, or where its app is gone by opening that, if it is installed. */
  async open(): Promise<void> {
    const { item, detail } = this;
    if (!item) return;
    if (item.live && item.has_default) await this.act(null);
    if (!item.live && detail && detail.opens !== null)
      await this.#gate.ask({ verb: "open-app", id: item.id, token: null });
  }

  /** Presses one of its buttons; null is its default action. */
  async act(action: string | null): Promise<void> {
    if (this.item) await this.#do({ verb: "act", id: this.item.id, action, token: null });
  }

  /** Answers it inline. Gives whether the answer went out. */
  async reply(text: string): Promise<boolean> {
    if (!this.item || text.trim() === "") return false;
    return this.#do({ verb: "reply", id: this.item.id, text });
  }

  /** Whether this can be done with it now. */
  may(fate: Fate): boolean {
    if (this.item?.state !== "held") return false;
    if (fate === "later") return !this.item.later;
    return fate === "done" || !this.item.noted;
  }

  /** Marks it as dealt with, puts it off, or gives it to the desktop's own daemon. */
  async take(fate: Fate): Promise<void> {
    if (!this.item || !this.may(fate)) return;
    await this.takeMany(fate, { kind: "ids", ids: [this.item.id] });
  }

  /** Does this with many, which the chosen one may be among. */
  async takeMany(fate: Fate, which: Which): Promise<void> {
    if (this.#working) return;
    this.puttingOff = fate === "later";
    await this.#do({ verb: fate, which });
    this.puttingOff = false;
  }

  /** Takes back what was last done with it. */
  async takeBack(): Promise<void> {
    if (this.item) await this.#do({ verb: "undo", id: this.item.id });
  }

  /**
   * Gives whether it was done. One thing at a time, until the list says what came of it: a key that is pressed twice must
   * not meet what has just been dealt with.
   */
  async #do(request: Request): Promise<boolean> {
    if (this.#working) return false;
    this.#working = true;
    const reply = await this.#gate.during(async () => {
      const answer = await this.#gate.ask(request);
      if (answer) await this.#changed();
      return answer;
    });
    this.#working = false;
    return reply !== null;
  }

  async #fetch(): Promise<void> {
    const { seq } = this;
    if (seq === null) return;
    const item = this.item ?? (await this.#rows.one(seq));
    if (!item || this.seq !== seq) return;
    this.item = item;
    const detail = await this.#show(item.id);
    if (detail?.item.seq !== seq || this.seq !== seq) return;
    this.detail = detail;
    this.item = detail.item;
  }

  /** One that is not found any more is no failure: the next view says so, and the list with it. */
  async #show(id: number): Promise<Detail | null> {
    const reply = await this.#gate.fetch({ verb: "show", id }, "not-found");
    return reply?.kind === "detail" ? reply.detail : null;
  }
}
