// What is held, as a digest that follows the daemon, and what is done with many at once. Knows nothing of how it is drawn.
import type { Digest, Outcome, Undoable, Which } from "../contract";
import type { CommandRequest } from "../host/host";
import { digestOrder, Ranks } from "../list/order";
import { say } from "../words/say";
import type { Fate } from "./choice.svelte";
import type { Gate } from "./gate.svelte";
import { Listing } from "./listing.svelte";
import { Pace } from "./pace";
import { Turns } from "./turns";

/** The digest of what is held. */
export class Held {
  readonly list: Listing;
  /** Whether it has been fetched at all. */
  known = $state(false);
  #gate: Gate;
  #ranks = new Ranks();
  /** Of what is shown: the daemon's count of changes. */
  #revision = -1;
  #pace = new Pace();
  #following: Promise<void> | null = null;
  #turns = new Turns(() => this.#pace.run(() => this.#fetch()));

  constructor(gate: Gate) {
    this.#gate = gate;
    const changed = (outcome: Outcome, seqs: readonly number[]) => this.#changed(outcome, seqs);
    this.list = new Listing(gate, changed, true, () => void this.catchUp());
    gate.follow(() => void this.catchUp());
  }

  /** Fetches it anew. While one fetch runs, at most one more waits. */
  refresh(): Promise<void> {
    return this.#turns.take();
  }

  /** Does this with many at once: with all of an app, or with all that is not put off. */
  takeMany(fate: Fate, which: Which): Promise<void> {
    const seqs = this.#seqsOf(which);
    // What is released leaves one after the other, as the desktop shows it.
    return this.list.choice.deal(
      fate === "release" ? [] : seqs,
      () => Promise.resolve({ verb: fate, which }),
      say("window-refused-many", { deed: fate, count: seqs.length }),
    );
  }

  /** Does this with the chosen one and all of its conversation. */
  takeConversation(fate: Fate): Promise<void> {
    const seqs = this.list.conversation();
    const request = async (): Promise<CommandRequest> => {
      const rows = await this.list.rows.all(seqs);
      return { verb: fate, which: { kind: "ids", ids: rows.map(({ id }) => id) } };
    };
    return this.list.choice.deal(
      seqs,
      request,
      say("window-refused-many", { deed: fate, count: seqs.length }),
    );
  }

  /** Where nothing but that they left became of the list that is shown, it needs not be fetched anew. */
  #changed({ held }: Outcome, seqs: readonly number[]): Promise<void> {
    if (held?.before !== this.#revision) return this.refresh();
    this.#revision = held.after;
    this.list.drop(seqs);
    return Promise.resolve();
  }

  #seqsOf(which: Which): number[] {
    const { seqs, groups, laterFrom } = this.list.order;
    if (which.kind === "app") {
      const group = groups.find(({ appId, later }) => appId === which.app_id && !later);
      return group ? seqs.slice(group.from, group.to) : [];
    }
    return which.kind === "all" ? seqs.slice(0, laterFrom) : [];
  }

  /** Takes back what was done last, to however many it was, and chooses the last that came back. */
  async undo(): Promise<void> {
    // The view that names what can be taken back may come after the key.
    if (!this.#gate.busy && !this.#gate.view?.undoable && !this.list.choice.hasDealt) return;
    let undoable: Undoable | null | undefined;
    let back: number | undefined;
    const request = (): Promise<CommandRequest> => {
      undoable = this.#gate.view?.undoable;
      if (undoable?.id !== null) back = this.list.choice.lastDealt().at(-1);
      return Promise.resolve({ verb: "undo", id: null });
    };
    await this.#gate.during(async () => {
      const outcome = await this.#gate.inTurn(request, say("window-refused-undo"));
      if (!outcome) return;
      this.#gate.tell(outcome);
      this.list.settle();
      await this.refresh();
      // The view that names it may come after the answer; what was done elsewhere only the view names.
      if (back !== undefined && this.list.order.seqs.includes(back)) await this.list.choice.choose(back);
      else if (typeof undoable?.id === "number") await this.list.choice.chooseById(undoable.id);
    });
  }

  /**
   * Fetches it anew as long as it says something else by now; on a page that nobody sees, once it is seen again. A long
   * list that changes all the time is followed with rests, or fetching it would be all that the page does.
   */
  async catchUp(): Promise<void> {
    if (this.#gate.presence !== "here") return this.#forget();
    // What is being dealt with says itself what became of the list.
    if (this.#isOld() && !this.list.isDealing) this.#following ??= this.#follow();
    await this.#following;
  }

  /** Is over in the same instant in which it last looks. A fetch that failed is not tried again before the next change. */
  async #follow(): Promise<void> {
    try {
      let before = NaN;
      while (this.#isOld() && this.#revision !== before) {
        before = this.#revision;
        await this.#pace.rest();
        if (this.#isOld()) await this.refresh();
      }
    } finally {
      this.#following = null;
    }
  }

  #isOld(): boolean {
    const { presence, view } = this.#gate;
    return presence === "here" && (view?.held_revision ?? 0) > this.#revision && !isHidden();
  }

  async #fetch(): Promise<void> {
    if (this.#gate.presence !== "here") return this.#forget();
    const digest = await this.#gate.fetch({ verb: "digest" });
    if (digest) await this.#show(digest);
  }

  /** The rows in sight come first, so that no row is ever drawn empty that was seen before. */
  async #show(digest: Digest): Promise<void> {
    // Something was dealt with while it was on its way.
    if (digest.held_revision < this.#revision) return;
    const order = digestOrder(digest, this.#ranks);
    this.list.rows.age();
    await this.list.look(order);
    if (this.#gate.presence !== "here") return this.#forget();
    this.#revision = digest.held_revision;
    this.known = true;
    await this.list.show(order);
  }

  #forget(): Promise<void> {
    this.known = false;
    this.#revision = -1;
    this.#ranks = new Ranks();
    return this.list.clear();
  }
}

function isHidden(): boolean {
  return typeof document !== "undefined" && document.hidden;
}
