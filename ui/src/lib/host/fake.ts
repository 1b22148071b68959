// A host without a daemon: it keeps a small made-up state, records what it was asked, and fails when told to.
import type {
  AppsView,
  BlockLength,
  Code,
  Detail,
  Digest,
  DigestApp,
  Failure,
  Item,
  ItemState,
  LedgerView,
  Outcome,
  Page,
  Request,
  SettingsView,
  View,
  Which,
  WithdrawnApp,
} from "../contract";
import { saidElsewhere } from "../words/told";
import { type Host, HostFailure, type RequestOf, type ResponseOf, type Verb } from "./host";
import { detailOf, item, openView, sampleApps, sampleSettings } from "./sample";

/** An answer to every verb. */
type Answers = { [V in Verb]: (request: RequestOf<V>) => ResponseOf<V> | Promise<ResponseOf<V>> };

/** A made-up daemon for tests and for `npm run dev`. */
export class FakeHost implements Host {
  /** Every request, in order. */
  readonly asked: Request[] = [];
  /** Requests of these verbs fail. */
  readonly failing = new Map<Verb, Code>();
  /** What is held, oldest first. */
  items: Item[];
  /** What came earlier and is not held any more. */
  history: Item[] = [];
  /** What apps took back, oldest first. */
  withdrawn: Item[] = [];
  view: View;
  settings: SettingsView = sampleSettings();
  apps: AppsView = sampleApps();
  /** Whether the daemon runs; asking for the view starts it while `startable`. */
  running = true;
  startable = true;
  /** The user is checking in; a view says so while there is something to be dealt with. */
  #isCheckingIn = false;
  /** Every address that was opened, in order, and whether there is nothing to open one with. */
  readonly opened: string[] = [];
  opensNothing = false;
  /** The last one is over because nothing was left of it: what is taken back brings it back. */
  #isWorkedOff = false;
  /** How large the page is drawn. */
  zoomed = 1;
  /** What undo takes back: the held ones as they were before. */
  #before: { items: Item[]; ledger: LedgerView } | null = null;
  /** The daemon still reads what came last. */
  indexIsBehind = false;
  #listeners = new Set<(view: View | null) => void>();
  /** What it answers to each verb. */
  readonly #answers: Answers = {
    view: () => this.view,
    held: ({ after, limit }) => page(this.items, after, limit, 1),
    digest: () => this.#digest(),
    withdrawn: () => ({ upto: this.withdrawn.length, apps: withdrawnApps(this.withdrawn) }),
    rows: ({ seqs }) => this.#rows(seqs),
    search: ({ text, after, limit }) => this.#search(text, after, limit),
    show: ({ id }) => this.#show(id),
    ledger: () => ({ ...this.view.ledger, feedback_by_app: [] }),
    settings: () => this.settings,
    set: ({ key, value }) => this.#set(key, value),
    apps: () => this.apps,
    doctor: () => [],
    "open-app": ({ id }) => this.#open(id),
    start: ({ length, intention }) => this.#begin(length, intention),
    end: () => this.#end(),
    toggle: () => (this.view.block ? this.#end() : this.#begin({ kind: "usual" }, null)),
    break: ({ minutes }) => this.#takeBreak(minutes),
    "count-time-away": ({ counts }) => this.#countTimeAway(counts),
    "saw-end": () => this.#changed({ ended: null }, "Seen"),
    done: ({ which }) => this.#remove(which, "done"),
    release: ({ which }) => this.#remove(which, "released"),
    later: ({ which }) => this.#putOff(which),
    snooze: ({ ids }) => this.#putOff({ kind: "ids", ids }),
    note: ({ text }) => this.#note(text),
    undo: ({ id }) => this.#restore(id),
    "check-in": ({ when }) => (when === "skip" ? said("") : this.#handOver()),
    "where-were-you": ({ line }) => this.#changed({ where_were_you: line }),
    "close-check-in": () => this.#closeCheckIn(),
    // Nothing of these is seen here.
    extend: () => this.#changed({}),
    act: () => this.#changed({}),
    reply: () => this.#changed({}),
    "saw-withdrawn": () => this.#changed({}),
    window: () => this.#changed({}),
    "read-settings": () => this.#changed({}),
    "take-over-now": () => this.#changed({}),
    quit: () => this.#changed({}),
  };

  constructor(view: View = openView(), items: Item[] = []) {
    this.view = view;
    this.items = items;
    this.#isCheckingIn = view.checking_in;
  }

  ask<V extends Verb>(request: RequestOf<V>): Promise<ResponseOf<V>> {
    const verb: V = request.verb;
    this.asked.push(structuredClone(request));
    const code = this.failing.get(verb);
    if (code) return refuse(code, `The ${verb} request failed.`);
    if (!this.running && !this.#start())
      return refuse("away", "The session bus does not know how to start it.");
    return Promise.resolve(this.#answers[verb](request));
  }

  onView(listener: (view: View | null) => void): Promise<() => void> {
    this.#listeners.add(listener);
    return Promise.resolve(() => this.#listeners.delete(listener));
  }

  openAddress(address: string): Promise<void> {
    if (this.opensNothing) return refuse("not-installed", "no program is set for https addresses");
    this.opened.push(address);
    return Promise.resolve();
  }

  /** There is no window to be closed. */
  closeWindow(): Promise<void> {
    return Promise.resolve();
  }

  zoom(factor: number): Promise<void> {
    this.zoomed = factor;
    return Promise.resolve();
  }

  /** Nothing calls for a window without a desktop. */
  onWish(): Promise<() => void> {
    return Promise.resolve(() => undefined);
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

  /** What is held changes, and a newer view says so. */
  hold(items: Item[], change: Partial<View> = {}): void {
    const ledger = this.#booked(items);
    this.items = items;
    const later = items.filter((each) => each.later).length;
    const noted = items.filter((each) => each.noted).toReversed();
    this.change({
      held: items.length,
      held_apps: new Set(items.map(({ app_id }) => app_id)).size,
      held_revision: this.view.held_revision + 1,
      later,
      checking_in: this.#isCheckingIn && items.length > later,
      worked_off: this.#isWorkedOff,
      ledger,
      noted: noted.slice(0, 20).map(({ id, summary, arrived }) => ({ id, text: summary, at: arrived })),
      ...change,
    });
  }

  /** This is what apps took back, and a newer view says so. */
  takeBack(items: Item[]): void {
    this.withdrawn = items;
    this.change({ withdrawn: items.length, held_revision: this.view.held_revision + 1 });
  }

  /** The books once this is held: what is new came in, and what is gone was taken back. */
  #booked(items: Item[]): LedgerView {
    const ids = (of: Item[]) => new Set(of.map(({ id }) => id));
    const [before, now] = [ids(this.items), ids(items)];
    const { came_in, withdrawn, ...rest } = this.view.ledger;
    return {
      ...rest,
      came_in: came_in + items.filter(({ id }) => !before.has(id)).length,
      withdrawn: withdrawn + this.items.filter(({ id }) => !now.has(id)).length,
      held: items.length,
    };
  }

  #start(): boolean {
    this.running = this.startable;
    return this.running;
  }

  get #all(): Item[] {
    return [...this.history, ...this.items];
  }

  #digest(): Digest {
    return {
      held_revision: this.view.held_revision,
      apps: digestApps(this.items.filter(({ later }) => !later)),
      later: digestApps(this.items.filter(({ later }) => later)),
    };
  }

  #rows(seqs: number[]): Page | Promise<never> {
    if (seqs.length > 200) return refuse("invalid", "At most 200 rows can be asked for.");
    const wanted = new Set(seqs);
    const items = this.#all.filter(({ seq }) => wanted.has(seq)).sort(byCursor);
    return { items, next: null, index_is_behind: false };
  }

  #search(text: string, after: number | null, limit: number): Page {
    const found = page(this.#matching(text).toReversed(), after, limit, -1);
    return { ...found, index_is_behind: this.indexIsBehind };
  }

  #matching(text: string): Item[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (each: Item) => `${each.app} ${each.summary} ${each.body}`.toLowerCase();
    return this.#all.filter((each) => words.every((word) => holds(each).includes(word))).sort(byCursor);
  }

  #show(id: number): Detail | Promise<never> {
    const found = this.#all.find((item) => item.id === id);
    if (!found) return refuse("not-found", `Nothing has the id ${id}.`);
    return detailOf(found);
  }

  #open(id: number): Outcome | Promise<never> {
    const found = this.#all.find((item) => item.id === id);
    if (!found) return refuse("not-found", `Nothing has the id ${id}.`);
    const { opens } = detailOf(found);
    if (opens === null) return refuse("not-installed", `${found.app} cannot be opened; open it yourself`);
    return said(`Opening ${opens}`);
  }

  /** Those that are named and not there. */
  #unknown(which: Which): Failure[] {
    if (which.kind !== "ids") return [];
    const unknown = which.ids.filter((id) => !this.#all.some((item) => item.id === id));
    return unknown.map((id) => ({ code: "not-found", message: saidElsewhere(`Nothing has the id ${id}.`) }));
  }

  #changed(change: Partial<View>, message = ""): Outcome {
    this.change(change);
    return said(message);
  }

  #closeCheckIn(): Outcome {
    this.#leaveCheckIn();
    return this.#changed({ checking_in: false, worked_off: false, handed_over: null }, "Check-in closed");
  }

  /** The next period of the books begins with what is held. */
  #handOver(): Outcome {
    const items = this.items.map((each) => ({ ...each, later: false }));
    const carried = items.length;
    const { ledger } = openView();
    this.#leaveCheckIn();
    this.#isCheckingIn = true;
    const handed_over = this.view.ledger;
    const since = handed_over.since + 1;
    const period = this.view.period + 1;
    this.hold(items, {
      ready: false,
      period,
      handed_over,
      ledger: { ...ledger, since, carried, held: carried },
    });
    return said("");
  }

  #leaveCheckIn(): void {
    this.#isCheckingIn = false;
    this.#isWorkedOff = false;
  }

  #begin(asked: BlockLength, intention: string | null): Outcome {
    const { now, next_check_in, usual_length } = this.view;
    const length = asked.kind === "usual" ? usual_length : asked;
    const ends =
      length.kind === "minutes"
        ? ({ kind: "at", at: now + length.minutes * 60_000 } as const)
        : length.kind === "until-check-in" && next_check_in !== null
          ? ({ kind: "check-in", at: next_check_in } as const)
          : ({ kind: "open" } as const);
    const gate = { closed: true, because: { kind: "block" } as const, in_path: true };
    const block = { intention, started: now, ends, left_out: 0 };
    this.#leaveCheckIn();
    this.change({
      gate,
      block,
      checking_in: false,
      worked_off: false,
      handed_over: null,
      where_were_you: null,
      on_break: null,
      ended: null,
      time_away: null,
      usual_length: length,
    });
    return said("");
  }

  #set(key: string, value: string | null): SettingsView {
    const settings = this.settings.settings.map((each) =>
      each.key === key ? { ...each, value: value ?? each.default } : each,
    );
    this.settings = { ...this.settings, settings };
    return this.settings;
  }

  #countTimeAway(counts: boolean): Outcome {
    const { block, time_away } = this.view;
    if (block && !counts) this.change({ block: { ...block, left_out: time_away ?? 0 } });
    this.change({ time_away: null });
    return said("");
  }

  #takeBreak(minutes: number): Outcome {
    const { now, block, ended } = this.view;
    const on_break = {
      intention: (block ?? ended)?.intention ?? null,
      started: now,
      ends: now + minutes * 60_000,
    };
    const gate = { closed: false, because: null, in_path: true };
    this.change({ gate, block: null, on_break, ended: null });
    return said("");
  }

  #end(): Outcome {
    this.change({ gate: { closed: false, because: null, in_path: true }, block: null });
    return said("");
  }

  #remove(which: Which, state: ItemState): Outcome {
    const leftOut = this.#unknown(which);
    const before = this.view.held_revision;
    const [gone, stay] = split(this.items, which);
    this.history = [...this.history, ...gone.map((each) => ({ ...each, state }))];
    const { ledger } = this.view;
    const column = state === "done" ? "done" : "released";
    const books = { ...ledger, held: stay.length, [column]: ledger[column] + gone.length };
    this.#undoably(stay, `${state}: ${gone.at(-1)?.summary ?? ""}`, gone.at(-1), books);
    const isNamed = state === "done" && which.kind === "ids";
    return { ...said("", leftOut), held: isNamed ? { before, after: this.view.held_revision } : null };
  }

  #putOff(which: Which): Outcome {
    const leftOut = this.#unknown(which);
    const [off] = split(this.items, which);
    const items = this.items.map((each) => (off.includes(each) ? { ...each, later: true } : each));
    this.#undoably(items, `later: ${off.at(-1)?.summary ?? ""}`, off.at(-1));
    return said("", leftOut);
  }

  #note(text: string): Outcome {
    const seq = this.#all.reduce((last, { seq }) => Math.max(last, seq), 0) + 1;
    const noted = item({ id: seq, app: "Noted", app_id: "", summary: text, body: "", noted: true });
    this.hold([
      ...this.items,
      { ...noted, seq, arrived: this.view.now, live: false, actions: [], has_default: false },
    ]);
    return said("Noted");
  }

  #undoably(items: Item[], label: string, last: Item | undefined, ledger = this.#booked(items)): void {
    this.#before = { items: this.items, ledger: this.view.ledger };
    if (this.#isCheckingIn && items.every(({ later }) => later)) {
      this.#leaveCheckIn();
      this.#isWorkedOff = true;
    }
    this.hold(items, {
      undoable: last ? { id: last.id, label: saidElsewhere(label), until: null } : null,
      ledger,
    });
  }

  /** As the daemon does: with an id that one alone, without one all of the last step. */
  #restore(id: number | null): Outcome {
    const { items: before, ledger } = this.#before ?? { items: this.items, ledger: this.view.ledger };
    const back = new Map(
      before.filter((each) => id === null || each.id === id).map((each) => [each.id, each]),
    );
    const now = this.items.map((each) => back.get(each.id) ?? each);
    const gone = [...back.values()].filter((each) => !this.items.some(({ id }) => id === each.id));
    this.history = this.history.filter((each) => !back.has(each.id));
    this.#before = null;
    const items = [...now, ...gone].sort(byCursor);
    const { came_in, withdrawn } = this.view.ledger;
    this.#isCheckingIn ||= this.#isWorkedOff;
    this.#isWorkedOff = false;
    this.hold(items, { undoable: null, ledger: { ...ledger, came_in, withdrawn, held: items.length } });
    return said("");
  }
}

const byCursor = (a: Item, b: Item) => a.seq - b.seq;

/** Those of the items that are meant, and the others. */
function split(items: Item[], which: Which): [Item[], Item[]] {
  const meant = (each: Item) => {
    if (which.kind === "all") return !each.later;
    return which.kind === "app" ? each.app_id === which.app_id : which.ids.includes(each.id);
  };
  return [items.filter(meant), items.filter((each) => !meant(each))];
}

/** A page of items whose cursors rise (1) or fall (−1). */
function page(items: Item[], after: number | null, limit: number, way: 1 | -1): Page {
  const rest = items.filter(({ seq }) => after === null || (seq - after) * way > 0);
  const shown = rest.slice(0, limit);
  const next = rest.length > limit ? (shown.at(-1)?.seq ?? null) : null;
  return { items: shown, next, index_is_behind: false };
}

/** By app, then by summary, in the order in which the first of each arrived. */
function digestApps(items: Item[]): DigestApp[] {
  const apps = new Map<string, { app: string; conversations: Map<string, number[]> }>();
  for (const { app_id, app, summary, seq } of items) {
    const of = apps.get(app_id) ?? { app, conversations: new Map<string, number[]>() };
    apps.set(app_id, of);
    const conversation = of.conversations.get(summary);
    if (conversation) conversation.push(seq);
    else of.conversations.set(summary, [seq]);
  }
  return [...apps].map(([app_id, { app, conversations }]) => ({
    app_id,
    app,
    conversations: [...conversations.values()],
  }));
}

function withdrawnApps(items: Item[]): WithdrawnApp[] {
  const ids = [...new Set(items.map(({ app_id }) => app_id))];
  return ids.map((app_id) => {
    const of = items.filter((each) => each.app_id === app_id);
    return { app_id, app: of[0]?.app ?? "", count: of.length, items: of };
  });
}

/** What came of a command. */
function said(message: string, left_out: Failure[] = []): Outcome {
  return { message: saidElsewhere(message), left_out, held: null };
}

function refuse(code: Code, message: string): Promise<never> {
  return Promise.reject(new HostFailure({ code, message: saidElsewhere(message) }));
}
