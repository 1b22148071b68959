// What apps took back while it was held, as the daemon lists it, and that the user has seen it. Knows nothing of how it is
// drawn.
import type { Withdrawn as List } from "../contract";
import type { Gate } from "./gate.svelte";
import { Pace } from "./pace";
import { Turns } from "./turns";

const NOTHING: List = { upto: 0, apps: [] };

/** The list of what was taken back. */
export class Withdrawn {
  list = $state.raw<List>(NOTHING);
  #gate: Gate;
  /** The daemon's count of changes, of what is shown and of what was asked for last. */
  #revision = -1;
  /** What the daemon was told that the user has seen. */
  #seen = 0;
  #pace = new Pace();
  #following: Promise<void> | null = null;
  #turns = new Turns(() => this.#pace.run(() => this.#fetch()));

  constructor(gate: Gate) {
    this.#gate = gate;
    gate.follow(() => void this.catchUp());
  }

  /** Fetches it if it says something else by now; nothing at all while nothing was taken back. */
  async catchUp(): Promise<void> {
    const { view } = this.#gate;
    if (view === null || view.withdrawn === 0) return this.#forget();
    if (view.held_revision !== this.#revision) {
      this.#revision = view.held_revision;
      this.#following = this.#follow();
    }
    await this.#following;
  }

  /** It is before the user's eyes. */
  async saw(): Promise<void> {
    const { upto } = this.list;
    if (upto <= this.#seen) return;
    this.#seen = upto;
    await this.#gate.fetch({ verb: "saw-withdrawn", upto });
  }

  async #follow(): Promise<void> {
    await this.#pace.rest();
    await this.#turns.take();
  }

  async #fetch(): Promise<void> {
    const list = await this.#gate.fetch({ verb: "withdrawn" });
    if (list && this.#gate.view?.withdrawn) this.list = list;
  }

  /** A daemon that comes back counts anew. */
  #forget(): void {
    if (this.#gate.view === null) [this.#revision, this.#seen] = [-1, 0];
    if (this.list !== NOTHING) [this.list, this.#revision] = [NOTHING, -1];
  }
}
