// What is held, as a digest that follows the daemon, and what is done with many at once. Knows nothing of how it is drawn.
import type { Digest, Which } from "../contract";
import { digestOrder, Ranks } from "../list/order";
import type { Fate } from "./choice.svelte";
import type { Gate } from "./gate.svelte";
import { Listing } from "./listing.svelte";
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
  #turns = new Turns(() => this.#fetch());

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

  /** Takes the newest *done*, *later* or *release* back, of however many it was, and chooses the last that came back. */
  async undo(): Promise<void> {
    const undoable = this.#gate.view?.undoable;
    if (!undoable) return;
    await this.#gate.during(async () => {
      const reply = await this.#gate.ask({ verb: "undo", id: null });
      if (!reply) return;
      await this.refresh();
      await this.list.choice.chooseById(undoable.id);
    });
  }

  /** Fetches it anew if it says something else by now; on a page that nobody sees, once it is seen again. */
  async catchUp(): Promise<void> {
    if (this.#gate.presence !== "here") await this.#forget();
    else if ((this.#gate.view?.held_revision ?? 0) > this.#revision && !isHidden()) await this.refresh();
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
