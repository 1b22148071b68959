// The list of what is held, the one that is chosen, and what is done with it. Knows nothing of how it is drawn.
import type { Detail, Item, Page } from "../contract";
import type { Gate } from "./gate.svelte";

/** Rows asked for at a time. */
export const PAGE = 100;
/** The most that the daemon gives at a time. */
const LARGEST_PAGE = 500;

/** The held ones, as far as they have been fetched. */
export class Held {
  items = $state.raw<Item[]>([]);
  /** The cursor of what has not been fetched yet; null when all is here. */
  next = $state.raw<number | null>(null);
  /** Whether the list has been fetched at all. */
  known = $state(false);
  /** The chosen one's id. */
  chosen = $state<number | null>(null);
  detail = $state.raw<Detail | null>(null);
  #gate: Gate;
  #fetching: Promise<void> | null = null;
  #growing: Promise<void> | null = null;
  #again = false;

  constructor(gate: Gate) {
    this.#gate = gate;
    gate.follow(() => void this.refresh());
  }

  /** Fetches what has been fetched before once more. While one fetch runs, at most one more waits. */
  refresh(): Promise<void> {
    if (this.#fetching) {
      this.#again = true;
      return this.#fetching;
    }
    this.#fetching = this.#refreshUntilQuiet().finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  /** Fetches the next page: once, however often it is asked for meanwhile. */
  more(): Promise<void> {
    this.#growing ??= this.#grow().finally(() => (this.#growing = null));
    return this.#growing;
  }

  /** Chooses one, and fetches all there is to know of it. */
  async choose(id: number | null): Promise<void> {
    this.chosen = id;
    if (this.detail?.item.id !== id) this.detail = null;
    if (id !== null) await this.#fetchDetail(id);
  }

  /** Moves the choice down (1) or up (−1). */
  async move(step: 1 | -1): Promise<void> {
    const at = this.items.findIndex((item) => item.id === this.chosen);
    const last = this.items.length - 1;
    const to = at < 0 ? (step > 0 ? 0 : last) : Math.min(Math.max(at + step, 0), last);
    const item = this.items[to];
    if (item) await this.choose(item.id);
    if (to === last) await this.more();
  }

  /** Opens the chosen one: by its default action, or where its app is gone by opening that, if it is installed. */
  async open(): Promise<void> {
    if (!this.detail) return;
    const { item, opens } = this.detail;
    if (!item.live && opens !== null) await this.#gate.ask({ verb: "open-app", id: item.id, token: null });
    if (item.live && item.has_default) await this.act(null);
  }

  /** Presses a button of the chosen one; null is its default action. */
  async act(action: string | null): Promise<void> {
    if (this.chosen !== null) await this.#gate.ask({ verb: "act", id: this.chosen, action });
  }

  /** Answers the chosen one inline. Gives whether the answer went out. */
  async reply(text: string): Promise<boolean> {
    if (this.chosen === null || text.trim() === "") return false;
    return (await this.#gate.ask({ verb: "reply", id: this.chosen, text })) !== null;
  }

  /** Marks the chosen one, or all, as dealt with. */
  async done(all = false): Promise<void> {
    await this.#take("done", all);
  }

  /** Gives the chosen one, or all, to the desktop's own daemon. */
  async release(all = false): Promise<void> {
    await this.#take("release", all);
  }

  /** Takes the newest *done* or *release* back, of however many it was, and chooses the last of what came back. */
  async undo(): Promise<void> {
    const undoable = this.#gate.view?.undoable;
    if (!undoable) return;
    const reply = await this.#gate.ask({ verb: "undo", id: null });
    if (!reply) return;
    await this.refresh();
    await this.choose(undoable.id);
  }

  async #take(verb: "done" | "release", all: boolean): Promise<void> {
    const id = this.chosen;
    if (!all && id === null) return;
    const which = all || id === null ? { kind: "all" as const } : { kind: "ids" as const, ids: [id] };
    if (await this.#gate.ask({ verb, which })) await this.refresh();
  }

  async #refreshUntilQuiet(): Promise<void> {
    do {
      this.#again = false;
      await this.#refreshOnce();
    } while (this.#again);
  }

  async #refreshOnce(): Promise<void> {
    if (this.#gate.presence !== "here") {
      this.#forget();
      return;
    }
    const page = await this.#firstPages(Math.max(this.items.length, PAGE));
    if (page) await this.#show(page);
  }

  /** A list that is fetched anew at the same time comes first, and the page is asked for once more. */
  async #grow(): Promise<void> {
    for (;;) {
      await this.#fetching;
      const cursor = this.next;
      const page = cursor === null ? null : await this.#page(cursor, PAGE);
      if (!page) return;
      if (this.#fetching || this.next !== cursor) continue;
      this.items = [...this.items, ...page.items];
      this.next = page.next;
      return;
    }
  }

  /** As many rows from the start as are shown now. */
  async #firstPages(wanted: number): Promise<Page | null> {
    const items: Item[] = [];
    let next: number | null = null;
    do {
      const page: Page | null = await this.#page(next, Math.min(wanted - items.length, LARGEST_PAGE));
      if (!page) return null;
      items.push(...page.items);
      next = page.next;
    } while (next !== null && items.length < wanted);
    return { items, next };
  }

  async #show(page: Page): Promise<void> {
    const before = this.items.findIndex((item) => item.id === this.chosen);
    this.items = page.items;
    this.next = page.next;
    this.known = true;
    const stays = page.items.some((item) => item.id === this.chosen);
    const neighbour = page.items[Math.min(Math.max(before, 0), page.items.length - 1)];
    await this.choose(stays ? this.chosen : (neighbour?.id ?? null));
  }

  async #page(after: number | null, limit: number): Promise<Page | null> {
    const reply = await this.#gate.fetch({ verb: "held", after, limit });
    return reply?.kind === "page" ? reply.page : null;
  }

  /** One that its app takes back meanwhile is not found: the next view says so, and the list with it. */
  async #fetchDetail(id: number): Promise<void> {
    const reply = await this.#gate.fetch({ verb: "show", id }, "not-found");
    if (reply?.kind === "detail" && this.chosen === id) this.detail = reply.detail;
  }

  #forget(): void {
    this.items = [];
    this.next = null;
    this.known = false;
    this.chosen = null;
    this.detail = null;
  }
}
