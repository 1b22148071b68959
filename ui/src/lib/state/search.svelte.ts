// Searching all history: what is looked for, what was found, page by page. Knows nothing of how it is drawn.
import type { Page } from "../contract";
import { plainOrder } from "../list/order";
import type { Gate } from "./gate.svelte";
import { Listing } from "./listing.svelte";
import { Turns } from "./turns";

/** Rows asked for at a time. */
export const PAGE = 100;
/** The longest text that the daemon searches for, in characters. */
export const LONGEST_SEARCH = 200;
/** How long the daemon is given to read on before it is asked the same again, in milliseconds. */
const READING = 500;

/** A search through all history, newest first. */
export class Search {
  readonly list: Listing;
  /** What is looked for; the search is on while there is anything. */
  text = $state("");
  /** What the rows that are shown were found for; null before the first answer. */
  found = $state<string | null>(null);
  /** The last question was not answered. */
  failed = $state(false);
  /** The daemon is still reading what came last, so that something may be missing of what was found. */
  behind = $state(false);
  /** The cursor of what was not fetched yet; null when all is here. */
  next = $state.raw<number | null>(null);
  #gate: Gate;
  #revision = -1;
  #turns = new Turns(() => this.#find());
  #growing: Promise<void> | null = null;
  #readingOn: ReturnType<typeof setTimeout> | undefined;

  constructor(gate: Gate) {
    this.#gate = gate;
    this.list = new Listing(gate, () => this.renew(), false);
    gate.follow(() => void this.#follow());
  }

  /** Whether something is looked for. */
  get on(): boolean {
    return this.#words !== "";
  }

  /** Looks for this. One question is under way at a time; what is typed meanwhile is asked once it was answered. */
  type(text: string): Promise<void> {
    this.text = text;
    this.failed = false;
    if (!this.on) return this.#forget();
    return this.#turns.take();
  }

  /** Asks the same again. */
  again(): Promise<void> {
    this.found = null;
    return this.type(this.text);
  }

  /** Looks for nothing any more. */
  close(): Promise<void> {
    return this.type("");
  }

  /** Fetches the next page: once, however often it is asked for meanwhile. */
  more(): Promise<void> {
    this.#growing ??= this.#grow().finally(() => (this.#growing = null));
    return this.#growing;
  }

  /** What was found may be elsewhere by now: fetches what is in sight, and the chosen one, anew. */
  async renew(): Promise<void> {
    this.list.rows.age();
    await Promise.all([this.list.look(), this.list.choice.renew()]);
  }

  get #words(): string {
    return this.text.trim();
  }

  async #follow(): Promise<void> {
    const revision = this.#gate.view?.held_revision ?? -1;
    const changed = revision !== this.#revision;
    this.#revision = revision;
    if (this.#gate.presence !== "here") await this.close();
    else if (this.on && changed) await this.renew();
  }

  /** An answer to what is not looked for any more is dropped: what is looked for now is asked next. */
  async #find(): Promise<void> {
    const words = this.#words;
    if (words === "" || words === this.found) return;
    const page = await this.#page(words, null);
    if (this.#words !== words) return;
    this.failed = page === null;
    if (page) await this.#show(words, page);
  }

  async #show(words: string, page: Page): Promise<void> {
    this.found = words;
    this.list.eyes = [];
    await this.#put(page);
    await this.list.chooseAt(0);
  }

  /** The first page. While the daemon still reads, the same is asked again by itself. */
  async #put(page: Page): Promise<void> {
    this.next = page.next;
    this.behind = page.index_is_behind;
    clearTimeout(this.#readingOn);
    if (this.behind) this.#readingOn = setTimeout(() => void this.#readOn(), READING);
    this.list.rows.put(page.items);
    await this.list.show(plainOrder(page.items.map(({ seq }) => seq)));
  }

  /** Shows what the daemon has read since: the choice stays where it is. Who has gone on to further pages keeps those. */
  async #readOn(): Promise<void> {
    const { found } = this;
    const isFirst = () =>
      this.found === found &&
      this.#words === found &&
      this.#growing === null &&
      this.list.order.seqs.length <= PAGE;
    if (found === null || !isFirst()) return;
    const page = await this.#page(found, null);
    if (!page || !isFirst()) return;
    await this.#put(page);
    if (this.list.choice.seq === null) await this.list.chooseAt(0);
  }

  async #grow(): Promise<void> {
    const words = this.#words;
    if (this.next === null || this.found !== words) return;
    const page = await this.#page(words, this.next);
    if (!page || this.found !== words || this.#words !== words) return;
    this.next = page.next;
    this.behind ||= page.index_is_behind;
    this.list.rows.put(page.items);
    await this.list.show(plainOrder([...this.list.order.seqs, ...page.items.map(({ seq }) => seq)]));
  }

  #page(text: string, after: number | null): Promise<Page | null> {
    return this.#gate.fetch({ verb: "search", text, after, limit: PAGE });
  }

  #forget(): Promise<void> {
    clearTimeout(this.#readingOn);
    this.found = null;
    this.behind = false;
    this.next = null;
    return this.list.clear();
  }
}
