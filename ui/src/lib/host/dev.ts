// Which made-up state `npm run dev` shows: `?state=` open, done, away, ready, trouble, mismatch, empty, long.
import { FakeHost } from "./fake";
import type { Host } from "./host";
import { closedView, item, NOW, openView, sampleItems } from "./sample";

/** A host in a named state; null is a running block. */
export function devHost(state: string | null): Host {
  const build = (state !== null && STATES[state]) || running;
  return atThisMoment(build());
}

const running = () => new FakeHost(closedView(), sampleItems());

const STATES: Record<string, () => FakeHost> = {
  open: () => new FakeHost(openView({ held: 6, held_apps: 5 }), sampleItems()),
  empty: () => new FakeHost(openView({ next_check_in: null, check_ins_today: [] })),
  done: () => {
    const undoable = { id: 4, label: "done: Review requested: store migrations", until: null };
    const host = new FakeHost(closedView({ undoable }), sampleItems());
    host.failing.set("act", "app-gone");
    return host;
  },
  ready: () => new FakeHost(closedView({ ready: true }), sampleItems()),
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
            text: "The disk is full: /home is at 100 %. The gate passes everything through.",
            remedy: "Free some space; holding goes on by itself.",
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

/** The samples lie on one morning: shows them as if it were that morning now. */
function atThisMoment(host: FakeHost): Host {
  const clock = Date.now.bind(Date);
  const started = clock();
  Date.now = () => NOW + (clock() - started);
  return host;
}
