// What is held, as a digest that follows the daemon, and what is done with many at once. Knows nothing of how it is drawn.
import type { Digest, Which } from "../contract";
import { digestOrder, Ranks } from "../list/order";
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
    this.list = new Listing(gate, () => this.refresh());
    gate.follow(() => void this.catchUp());
  }

  /** Fetches it anew. While one fetch runs, at most one more waits. */
  refresh(): Promise<void> {
    return this.#turns.take();
  }

  /** Does this with many at once. */
  takeMany(fate: Fate, which: Which): Promise<void> {
    return this.list.choice.takeMany(fate, which);
  }

  /** Takes back what was done last, to however many it was, and chooses the last that came back. */
  async undo(): Promise<void> {
    const undoable = this.#gate.view?.undoable;
    if (!undoable) return;
    await this.#gate.during(async () => {
      const reply = await this.#gate.ask({ verb: "undo", id: null });
      if (!reply) return;
      await this.refresh();
      if (undoable.id !== null) await this.list.choice.chooseById(undoable.id);
    });
  }

  /**
   * Fetches it anew as long as it says something else by now; on a page that nobody sees, once it is seen again. A long
   * list that changes all the time is followed with rests, or fetching it would be all that the page does.
   */
  async catchUp(): Promise<void> {
    if (this.#gate.presence !== "here") return this.#forget();
    if (this.#isOld()) this.#following ??= this.#follow();
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
    const reply = await this.#gate.fetch({ verb: "digest" });
    if (reply?.kind === "digest") await this.#show(reply.digest);
  }

  /** The rows in sight come first, so that no row is ever drawn empty that was seen before. */
  async #show(digest: Digest): Promise<void> {
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
