// Which made-up state `npm run dev` shows: `?state=` and a name of `STATES`.
import type { Item, View } from "../contract";
import { saidElsewhere } from "../words/told";
import { FakeHost } from "./fake";
import type { Host } from "./host";
import { closedView, item, NOW, openView, sampleHistory, sampleItems } from "./sample";

/** A host in a named state; null is a running block. */
export function devHost(state: string | null): Host {
  const build = (state !== null && STATES[state]) || running;
  return atThisMoment(build());
}

const running = () => withItems(closedView(), sampleItems());

/** A host whose view says what its items are. */
function withItems(view: View, items: Item[]): FakeHost {
  const host = new FakeHost(view, items);
  host.history = sampleHistory();
  host.hold(items);
  return host;
}

/** A fuller morning: conversations, something put off, and something noted by hand. */
function fullMorning(): Item[] {
  const [build, standup, ...rest] = sampleItems();
  const platform = (id: number, body: string) =>
    item({
      id,
      app: "Element",
      app_id: "im.riot.Riot",
      summary: "#platform",
      body,
      arrived: NOW - (14 - id) * 60_000,
    });
  const noted = { app: "Noted", app_id: "", noted: true, live: false, has_default: false, body: "" };
  return [
    ...[build, standup].flatMap((each) => each ?? []),
    ...rest,
    ...["It is on the wiki", "Ben had a question about step three", "Never mind, found it"].map(
      (body, index) => platform(10 + index, body),
    ),
    item({ id: 20, ...noted, summary: "Sam came by about the invoice", arrived: NOW - 900_000 }),
    item({ id: 21, summary: "Review requested: ledger totals", later: true, arrived: NOW - 800_000 }),
  ];
}

const STATES: Record<string, () => FakeHost> = {
  open: () => withItems(openView(), sampleItems()),
  reading() {
    const host = running();
    host.indexIsBehind = true;
    return host;
  },
  empty: () => new FakeHost(openView({ next_check_in: null, check_ins_today: [] })),
  done: () => {
    const undoable = { id: 4, label: saidElsewhere("done: Review requested: store migrations"), until: null };
    const host = new FakeHost(closedView({ undoable }), sampleItems());
    host.failing.set("act", "app-gone");
    return host;
  },
  ready: () => withItems(closedView({ ready: true }), sampleItems()),
  full: () => withItems(closedView(), fullMorning()),
  checkin: () => withItems(openView({ ledger: closedView().ledger, checking_in: true }), fullMorning()),
  withdrawn() {
    const host = running();
    host.takeBack([
      item({ id: 70, state: "withdrawn", live: false, summary: "Mira", body: "Are you in today?" }),
    ]);
    return host;
  },
  over() {
    const { now } = openView();
    const started = now - 3_000_000;
    const ended = { is_break: false, intention: "Draft the plan", started, ended: now, left_out: 0 };
    return withItems(openView({ ended, deep_work: closedView().deep_work }), sampleItems());
  },
  resume: () => {
    const where_were_you = "Halfway through the locking section, next: the retry loop";
    return withItems(openView({ where_were_you, blocks_today: closedView().blocks_today }), fullMorning());
  },
  "not-in-path": () => withItems(openView({ gate: { closed: false, because: null, in_path: false } }), []),
  many: () => withItems(closedView(), many(100_000)),
  flood() {
    const host = withItems(closedView(), many(2_000));
    let id = 2_000;
    setInterval(() => host.hold([...host.items, ...many(4, (id += 4) - 4)]), 240);
    return host;
  },
  away() {
    const host = running();
    host.running = host.startable = false;
    return host;
  },
  trouble: () =>
    new FakeHost(
      closedView({
        troubles: [
          {
            code: "store",
            text: saidElsewhere("The disk is full: /home is at 100 %. The gate passes everything through."),
            remedy: saidElsewhere("Free some space; holding goes on by itself."),
          },
        ],
      }),
      sampleItems(),
    ),
  mismatch() {
    const view = closedView();
    return new FakeHost({ ...view, ledger: { ...view.ledger, came_in: 40, balanced: false } }, sampleItems());
  },
  long() {
    const text = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(
      40,
    );
    const actions = Array.from({ length: 12 }, (_, index) => ({
      key: `${index}`,
      label: text.slice(0, 20 + 9 * index),
    }));
    const items = Array.from({ length: 400 }, (_, index) =>
      item({ id: index + 1, summary: text, body: text, app: text, app_id: `app-${index % 9}`, actions }),
    );
    return new FakeHost(closedView({ held: 99_999, held_apps: 4_321 }), items);
  },
};

/** So many from a handful of apps, in conversations of five. */
function many(length: number, after = 0): Item[] {
  return Array.from({ length }, (_, index) => {
    const id = after + index + 1;
    const app = `App ${id % 7}`;
    const summary = `Thread ${Math.floor(id / 35)}`;
    return item({
      id,
      app,
      app_id: `app-${id % 7}`,
      summary,
      body: `Message ${id}`,
      arrived: NOW - 9e6 + id,
    });
  });
}

/** The samples lie on one morning: shows them as if it were that morning now. */
function atThisMoment(host: FakeHost): Host {
  const clock = Date.now.bind(Date);
  const started = clock();
  Date.now = () => NOW + (clock() - started);
  return host;
}
