// The chosen row, all there is to know of it, and what is done with it. Knows nothing of the list that it stands in.
import type { Detail, Item, Outcome, SnoozeEnd } from "../contract";
import { oneLine } from "../format/text";
import type { CommandRequest } from "../host/host";
import { say } from "../words/say";
import type { Gate } from "./gate.svelte";
import type { Rows } from "./rows.svelte";
import { Turns } from "./turns";
import { UnderWay } from "./underWay";

/** What takes one out of the list of what is there to be dealt with. */
export type Fate = "done" | "later" | "release";

/** The list around the chosen one, as far as what is done changes it. */
export interface Surroundings {
  /** These are being dealt with: they leave at once, before the daemon has answered. */
  leave(seqs: readonly number[]): unknown;
  /** The daemon has answered: those of them that it still lists come back. */
  settle(seqs: readonly number[]): void;
  /** Something was done, with these rows: what is listed may be another. */
  changed(outcome: Outcome, seqs: readonly number[]): Promise<void>;
}

/** How many steps back are remembered, as the daemon does. */
const STEPS = 50;

/** The chosen one of a list. */
export class Choice {
  /** Its cursor. */
  seq = $state<number | null>(null);
  /** As in the list, until all of it is here. */
  item = $state.raw<Item | null>(null);
  detail = $state.raw<Detail | null>(null);
  #gate: Gate;
  #rows: Rows;
  #list: Surroundings;
  #turns = new Turns(() => this.#fetch());
  /** A button of these was pressed, or a reply sent, and the list does not say yet what came of it. */
  #pressed = new UnderWay();
  /** These are being dealt with. */
  #dealtWith = new UnderWay();
  /** What was dealt with from here, the last one last: what an undo brings back. */
  #dealt: (readonly number[])[] = [];

  constructor(gate: Gate, rows: Rows, list: Surroundings) {
    this.#gate = gate;
    this.#rows = rows;
    this.#list = list;
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
    const { item } = this;
    if (item) await this.#press(item, { verb: "act", id: item.id, action, token: null });
  }

  /** Answers it inline. Gives whether the answer went out. */
  async reply(text: string): Promise<boolean> {
    const { item } = this;
    if (!item || text.trim() === "") return false;
    return this.#press(item, { verb: "reply", id: item.id, text });
  }

  /** Whether this can be done with it now. */
  may(fate: Fate): boolean {
    if (this.item?.state !== "held") return false;
    if (fate === "later") return !this.item.later;
    return fate === "done" || !this.item.noted;
  }

  /** Marks it as dealt with, puts it off, or gives it to the desktop's own daemon. */
  async take(fate: Fate): Promise<void> {
    const { seq, item } = this;
    if (seq === null || (item && !this.may(fate))) return;
    await this.#dealWithOne(fate, seq, item, (id) => ({ verb: fate, which: { kind: "ids", ids: [id] } }));
  }

  /** Puts this one off until then; null is the next check-in. It may have been chosen a while ago. */
  async putOff(item: Item, until: SnoozeEnd | null): Promise<void> {
    await this.#dealWithOne("later", item.seq, item, (id) =>
      until === null
        ? { verb: "later", which: { kind: "ids", ids: [id] } }
        : { verb: "snooze", ids: [id], until },
    );
  }

  async #dealWithOne(
    fate: Fate,
    seq: number,
    item: Item | null,
    asked: (id: number) => CommandRequest,
  ): Promise<void> {
    if (this.#dealtWith.has(seq)) return;
    // Its id may not be here yet, where keys are pressed faster than rows are fetched.
    const request = async (): Promise<CommandRequest | null> => {
      const row = item ?? (await this.#rows.one(seq));
      if (row === null) this.#gate.say(say("window-refused-unfetched", { deed: fate }));
      const isGone =
        row !== null && this.#pressed.has(seq) && (await this.#show(row.id))?.item.state !== "held";
      return row && !isGone ? asked(row.id) : null;
    };
    const refusal = item
      ? say("window-refused-named", { deed: fate, name: oneLine(item.summary || item.app, 60) })
      : say("window-refused-one", { deed: fate });
    await this.deal([seq], request, refusal);
  }

  /** Does with these rows what this request asks for. `refusal` says what was not done where it fails. */
  async deal(
    seqs: readonly number[],
    request: () => Promise<CommandRequest | null>,
    refusal: string,
  ): Promise<void> {
    const work = async () => {
      this.#dealt = [...this.#dealt.slice(1 - STEPS), seqs];
      this.#gate.hush();
      const before = this.seq;
      this.#list.leave(seqs);
      const next = this.seq;
      const asked = () => this.#gate.inTurn(request, refusal);
      const outcome = await this.#dealtWith.during(seqs, asked);
      if (outcome) await this.#list.changed(outcome, seqs);
      this.#list.settle(seqs);
      if (outcome) return;
      this.#dealt = this.#dealt.filter((each) => each !== seqs);
      // Who has gone on meanwhile is left where they are.
      if (this.seq === next) await this.choose(before);
    };
    await this.#gate.during(work);
  }

  /** Whether anything was dealt with from here that was not taken back since. */
  get hasDealt(): boolean {
    return this.#dealt.length > 0;
  }

  /** What was dealt with last, once each. */
  lastDealt(): readonly number[] {
    return this.#dealt.pop() ?? [];
  }

  /** Takes back what was last done with it. */
  async takeBack(): Promise<void> {
    const { item } = this;
    if (item) await this.#press(item, { verb: "undo", id: item.id });
  }

  /** Gives whether it was done. */
  async #press(item: Item, request: CommandRequest): Promise<boolean> {
    if (this.#pressed.has(item.seq)) return false;
    const work = async () => {
      const outcome = await this.#gate.ask(request);
      if (outcome) await this.#list.changed(outcome, [item.seq]);
      return outcome !== null;
    };
    return this.#pressed.during([item.seq], () => this.#gate.during(work));
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
  #show(id: number): Promise<Detail | null> {
    return this.#gate.fetch({ verb: "show", id }, "not-found");
  }
}
