// A host without a daemon: it keeps a small made-up state, records what it was asked, and fails when told to.
import type { BlockLength, Code, Item, Reply, Request, View, Which } from "../contract";
import { type Host, HostFailure } from "./host";
import { detailOf, openView } from "./sample";

/** A made-up daemon for tests and for `npm run dev`. */
export class FakeHost implements Host {
  /** Every request, in order. */
  readonly asked: Request[] = [];
  /** Requests of these verbs fail. */
  readonly failing = new Map<Request["verb"], Code>();
  items: Item[];
  view: View;
  /** Whether the daemon runs; asking for the view starts it while `startable`. */
  running = true;
  startable = true;
  #gone: Item[] = [];
  #listeners = new Set<(view: View | null) => void>();

  constructor(view: View = openView(), items: Item[] = []) {
    this.view = view;
    this.items = items;
  }

  ask(request: Request): Promise<Reply> {
    this.asked.push(structuredClone(request));
    const code = this.failing.get(request.verb);
    if (code) return refuse(code, `The ${request.verb} request failed.`);
    if (!this.running && !this.#start())
      return refuse("away", "The session bus does not know how to start it.");
    return this.#answer(request);
  }

  onView(listener: (view: View | null) => void): Promise<() => void> {
    this.#listeners.add(listener);
    return Promise.resolve(() => this.#listeners.delete(listener));
  }

  /** Sends a view as it is, whatever its revision. */
  push(view: View | null): void {
    for (const listener of this.#listeners) listener(view);
  }

  /** The daemon ends. */
  quit(): void {
    this.running = false;
    this.push(null);
  }

  /** Changes the state, and sends a newer view. */
  change(change: Partial<View>): void {
    this.view = { ...this.view, ...change, revision: this.view.revision + 1 };
    this.push(this.view);
  }

  #start(): boolean {
    this.running = this.startable;
    return this.running;
  }

  #answer(request: Request): Promise<Reply> {
    switch (request.verb) {
      case "view":
        return Promise.resolve({ kind: "view", view: this.view });
      case "held":
        return Promise.resolve(this.#page(request.after, request.limit));
      case "show":
        return this.#show(request.id);
      case "ledger":
        return Promise.resolve({ kind: "ledger", ledger: this.view.ledger, feedback_by_app: [] });
      case "doctor":
        return Promise.resolve({ kind: "doctor", findings: [] });
      case "open-app":
        return this.#open(request.id);
      default:
        this.#carryOut(request);
        return Promise.resolve({ kind: "ok", message: "" });
    }
  }

  #page(after: number | null, limit: number): Reply {
    const rest = this.items.filter((item) => after === null || item.seq > after);
    const items = rest.slice(0, limit);
    const next = rest.length > limit ? (items.at(-1)?.seq ?? null) : null;
    return { kind: "page", page: { items, next } };
  }

  #show(id: number): Promise<Reply> {
    const found = this.items.find((item) => item.id === id);
    if (!found) return refuse("not-found", `Nothing held has the id ${id}.`);
    return Promise.resolve({ kind: "detail", detail: detailOf(found) });
  }

  #open(id: number): Promise<Reply> {
    const found = this.items.find((item) => item.id === id);
    if (!found) return refuse("not-found", `Nothing held has the id ${id}.`);
    const { opens } = detailOf(found);
    if (opens === null) return refuse("not-installed", `${found.app} cannot be opened; open it yourself`);
    return Promise.resolve({ kind: "ok", message: `Opening ${opens}` });
  }

  #carryOut(request: Request): void {
    if (request.verb === "start") this.#begin(request.length, request.intention);
    else if (request.verb === "end") this.#end();
    else if (request.verb === "done" || request.verb === "release") this.#remove(request.which);
    else if (request.verb === "undo") this.#restore(request.id);
    else this.change({});
  }

  #begin(length: BlockLength, intention: string | null): void {
    const { now, next_check_in } = this.view;
    const ends =
      length.kind === "minutes"
        ? ({ kind: "at", at: now + length.minutes * 60_000 } as const)
        : length.kind === "until-check-in" && next_check_in !== null
          ? ({ kind: "check-in", at: next_check_in } as const)
          : ({ kind: "open" } as const);
    const gate = { closed: true, because: { kind: "block" } as const, in_path: true };
    this.change({ gate, block: { intention, started: now, ends } });
  }

  #end(): void {
    this.change({ gate: { closed: false, because: null, in_path: true }, block: null });
  }

  #remove(which: Which): void {
    const gone = (item: Item) => which.kind === "all" || which.ids.includes(item.id);
    this.#gone = this.items.filter(gone);
    this.items = this.items.filter((item) => !gone(item));
    const last = this.#gone.at(-1);
    const undoable = last ? { id: last.id, label: `done: ${last.summary}`, until: null } : null;
    this.change({ held: this.items.length, undoable });
  }

  /** As the daemon does: with an id that one alone, without one all of the last step. */
  #restore(id: number | null): void {
    const back = this.#gone.filter((item) => id === null || item.id === id);
    this.items = [...this.items, ...back].sort((a, b) => a.seq - b.seq);
    this.#gone = [];
    this.change({ held: this.items.length, undoable: null });
  }
}

function refuse(code: Code, message: string): Promise<never> {
  return Promise.reject(new HostFailure({ code, message }));
}
