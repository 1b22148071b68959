// The digest on a made-up daemon: choice, buttons, done, later and undo, rows in sight, and what happens meanwhile.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Request } from "../contract";
import { saidElsewhere } from "../words/told";
import { FakeHost } from "../host/fake";
import { KEPT } from "../list/known";
import { closedView, item, NOT_INSTALLED, sampleItems } from "../host/sample";
import type { Choice } from "./choice.svelte";
import { Gate } from "./gate.svelte";
import { Held } from "./held.svelte";
import type { Listing } from "./listing.svelte";
import { AT_ONCE } from "./rows.svelte";

let host: FakeHost;
let gate: Gate;
let held: Held;
let list: Listing;
let choice: Choice;

async function open(made: FakeHost): Promise<void> {
  host = made;
  gate = new Gate(host);
  held = new Held(gate);
  list = held.list;
  choice = list.choice;
  await gate.open();
  await held.refresh();
}

const asked = (verb: Request["verb"]) => host.asked.filter((request) => request.verb === verb);
const ids = () => list.order.seqs;
const all = { kind: "all" } as const;

describe("with six held, two of them of one app", () => {
  beforeEach(() => open(new FakeHost(closedView(), sampleItems())));

  it("shows them by app and chooses the first", () => {
    expect(ids()).toEqual([1, 2, 5, 3, 4, 6]);
    expect([choice.seq, choice.detail?.item.id, choice.detail?.revisions.length]).toEqual([1, 1, 3]);
  });

  it("moves the choice and stops at both ends", async () => {
    await list.move(-1);
    expect(choice.seq).toBe(1);
    await list.move(1);
    await list.move(1);
    expect([choice.seq, choice.detail?.item.id]).toEqual([5, 5]);
    await list.move(9);
    expect([choice.seq, choice.detail?.item.id]).toEqual([6, 6]);
    await list.page(-1);
    expect(choice.seq).toBe(1);
    await list.chooseAt(3);
    expect(choice.seq).toBe(3);
  });

  it("asks once for what was passed over while a key was held down", async () => {
    const before = asked("show").length;
    await Promise.all([list.move(1), list.move(1), list.move(1), list.move(1)]);
    expect([choice.seq, choice.detail?.item.id, asked("show").length - before]).toEqual([4, 4, 2]);
  });

  it("asks for what is done and for what is shown next, and for nothing else", async () => {
    await choice.choose(2);
    const before = host.asked.length;
    await choice.take("done");
    expect(host.asked.slice(before).map(({ verb }) => verb)).toEqual(["show", "done"]);
    expect([ids(), choice.seq, choice.detail?.item.id]).toEqual([[1, 5, 3, 4, 6], 5, 5]);
    await held.catchUp();
    expect(host.asked.length - before).toBe(2);
  });

  it("fetches the list anew where more became of it than was done here", async () => {
    await choice.choose(2);
    const done = choice.take("done");
    host.hold(host.items.filter(({ id }) => id !== 6));
    await done;
    await held.catchUp();
    expect(ids()).toEqual([1, 5, 3, 4]);
  });

  it("does not show again what was done while a list was on its way", async () => {
    await choice.choose(2);
    const fetched = held.refresh();
    await choice.take("done");
    expect(ids()).not.toContain(2);
    await fetched;
    await held.catchUp();
    expect(ids()).toEqual([1, 5, 3, 4, 6]);
  });

  it("shows a row at once, and the rest when it comes", async () => {
    const chosen = choice.choose(3);
    expect([choice.item?.id, choice.detail]).toEqual([3, null]);
    await chosen;
    expect(choice.detail?.opens).toBe("Thunderbird");
  });

  it("presses buttons byte-exact", async () => {
    await choice.choose(4);
    await choice.act(null);
    await choice.act("app.open::r");
    expect(asked("act")).toEqual([
      { verb: "act", id: 4, action: null, token: null },
      { verb: "act", id: 4, action: "app.open::r", token: null },
    ]);
  });

  it("opens a live one by its default action, and one whose app is gone by opening the app", async () => {
    await choice.choose(4);
    await choice.open();
    expect(asked("act")).toEqual([{ verb: "act", id: 4, action: null, token: null }]);
    await choice.choose(3);
    await choice.open();
    expect(asked("open-app")).toEqual([{ verb: "open-app", id: 3, token: null }]);
    expect([gate.message, ids().length, asked("act").length]).toEqual(["Opening Thunderbird", 6, 1]);
  });

  it("opens nothing where there is nothing to open", async () => {
    host.hold([item({ id: 1, has_default: false }), item({ id: 2, app_id: NOT_INSTALLED, live: false })]);
    await held.refresh();
    for (const seq of [1, 2, null]) {
      await choice.choose(seq);
      await choice.open();
    }
    expect([asked("act"), asked("open-app")]).toEqual([[], []]);
  });

  it("says so when an app could not be opened", async () => {
    host.failing.set("open-app", "not-started");
    await choice.choose(3);
    await choice.open();
    expect([gate.failure?.code, ids().length]).toEqual(["not-started", 6]);
  });

  it("answers inline, but never with nothing", async () => {
    await choice.choose(2);
    expect(await choice.reply("  ")).toBe(false);
    expect(await choice.reply("on my way")).toBe(true);
    expect(asked("reply")).toEqual([{ verb: "reply", id: 2, text: "on my way" }]);
    host.failing.set("reply", "app-gone");
    expect(await choice.reply("again")).toBe(false);
    expect(gate.failure?.code).toBe("app-gone");
  });

  it("chooses the next one when one is done, and undo brings it back chosen", async () => {
    await choice.choose(3);
    await choice.take("done");
    expect(asked("done")).toEqual([{ verb: "done", which: { kind: "ids", ids: [3] } }]);
    expect([ids(), choice.seq, choice.detail?.item.id]).toEqual([[1, 2, 5, 4, 6], 4, 4]);
    await held.undo();
    expect([ids(), choice.seq, choice.detail?.item.id]).toEqual([[1, 2, 5, 3, 4, 6], 3, 3]);
  });

  it("loses nothing that is pressed: the choice moves at once, and requests follow in order", async () => {
    const pressed = [1, 2, 3].map(() => choice.take("done"));
    expect([ids(), choice.seq, asked("done").length]).toEqual([[3, 4, 6], 3, 0]);
    await Promise.all([...pressed, choice.act(null)]);
    expect(asked("done").map((request) => "which" in request && request.which)).toEqual(
      [1, 2, 5].map((id) => ({ kind: "ids", ids: [id] })),
    );
    const commands = host.asked.map(({ verb }) => verb).filter((verb) => verb === "done" || verb === "act");
    expect([commands, gate.failure]).toEqual([["done", "done", "done", "act"], null]);
    await held.undo();
    expect([ids(), choice.seq]).toEqual([[5, 3, 4, 6], 5]);
  });

  it("presses no button twice before it was answered, and then goes on with what was asked", async () => {
    await Promise.all([choice.act("log"), choice.act("log"), choice.take("done")]);
    expect([asked("act").length, asked("done").length, ids()]).toEqual([1, 1, [2, 5, 3, 4, 6]]);
  });

  it("says of each that failed what was not done with whom, and shows it again", async () => {
    host.failing.set("done", "store");
    await Promise.all([choice.take("done"), choice.take("done")]);
    expect(gate.failures.map(({ message }) => message)).toEqual([
      "“Build 5812 failed on main” was not marked as done. The done request failed.",
      "“#standup” was not marked as done. The done request failed.",
    ]);
    expect(ids()).toEqual([1, 2, 5, 3, 4, 6]);
  });

  it("does with a whole conversation what is asked", async () => {
    host.hold([...host.items, item({ id: 9, app: "Element", app_id: "im.riot.Riot", summary: "#platform" })]);
    await held.refresh();
    await choice.choose(9);
    const done = held.takeConversation("done");
    expect([ids(), choice.seq]).toEqual([[1, 2, 3, 4, 6], 3]);
    await done;
    expect(asked("done")).toEqual([{ verb: "done", which: { kind: "ids", ids: [5, 9] } }]);
    await held.undo();
    expect(ids()).toEqual([1, 2, 5, 9, 3, 4, 6]);
  });

  it("moves by whole apps", async () => {
    await list.moveByApp(1);
    expect(choice.seq).toBe(2);
    await list.moveByApp(1);
    expect(choice.seq).toBe(3);
    await list.moveByApp(-1);
    await list.moveByApp(-1);
    await list.moveByApp(-1);
    expect(choice.seq).toBe(1);
  });

  it("puts one off to the end, and goes on with the next one, not with it", async () => {
    await choice.choose(2);
    await choice.take("later");
    expect(asked("later")).toEqual([{ verb: "later", which: { kind: "ids", ids: [2] } }]);
    expect([ids(), choice.seq]).toEqual([[1, 5, 3, 4, 6, 2], 5]);
    await choice.choose(2);
    expect([choice.may("later"), choice.may("done")]).toEqual([false, true]);
    await choice.take("later");
    expect(asked("later")).toHaveLength(1);
    await choice.takeBack();
    expect([asked("undo"), ids(), choice.seq]).toEqual([[{ verb: "undo", id: 2 }], [1, 2, 5, 3, 4, 6], 2]);
  });

  it("snoozes the one that was meant, whichever is chosen by then, and undo brings it back chosen", async () => {
    await choice.choose(2);
    const { item: meant } = choice;
    await choice.choose(4);
    if (meant) await choice.putOff(meant, { kind: "minutes", minutes: 20 });
    expect(asked("snooze")).toEqual([{ verb: "snooze", ids: [2], until: { kind: "minutes", minutes: 20 } }]);
    expect([ids(), choice.seq]).toEqual([[1, 5, 3, 4, 6, 2], 4]);
    await held.undo();
    expect([ids(), choice.seq]).toEqual([[1, 2, 5, 3, 4, 6], 2]);
  });

  it("snoozes one that was put off already, and says whom it did not put off", async () => {
    await choice.choose(2);
    await choice.take("later");
    await choice.choose(2);
    host.failing.set("snooze", "store");
    if (choice.item) await choice.putOff(choice.item, { kind: "time", hour: 16, minute: 30 });
    expect(gate.failure?.message).toBe("“#standup” was not put off. The snooze request failed.");
    expect([ids(), choice.seq]).toEqual([[1, 5, 3, 4, 6, 2], 2]);
  });

  it("takes *done with all* back as a whole", async () => {
    await held.takeMany("done", all);
    await held.undo();
    expect(ids()).toEqual([1, 2, 5, 3, 4, 6]);
    expect(asked("undo")).toEqual([{ verb: "undo", id: null }]);
  });

  it("does with all of an app what is asked, and leaves the others", async () => {
    await held.takeMany("release", { kind: "app", app_id: "im.riot.Riot" });
    expect([ids(), choice.seq]).toEqual([[1, 3, 4, 6], 1]);
  });

  it("goes on with another app when all of one are put off", async () => {
    await choice.choose(2);
    await held.takeMany("later", { kind: "app", app_id: "im.riot.Riot" });
    expect([ids(), choice.seq]).toEqual([[1, 3, 4, 6, 2, 5], 3]);
    await held.takeMany("later", all);
    expect([ids(), choice.seq]).toEqual([[1, 2, 5, 3, 4, 6], 2]);
  });

  it("leaves what was put off out of all", async () => {
    await choice.choose(4);
    await choice.take("later");
    await held.takeMany("done", all);
    expect(ids()).toEqual([4]);
  });

  it("chooses the one before when the last is done", async () => {
    await choice.choose(6);
    await choice.take("release");
    expect(choice.seq).toBe(4);
  });

  it("never releases what was noted by hand, and knows no buttons of it", async () => {
    await gate.ask({ verb: "note", text: "Sam came by" });
    await held.refresh();
    await choice.choose(7);
    await choice.take("release");
    await choice.open();
    expect([choice.item?.summary, asked("release"), asked("act")]).toEqual(["Sam came by", [], []]);
    await choice.take("done");
    expect(ids()).toEqual([1, 2, 5, 3, 4, 6]);
  });

  it("is empty after all are done, and has nothing to act on", async () => {
    await held.takeMany("done", all);
    expect([ids(), choice.seq, choice.detail]).toEqual([[], null, null]);
    await choice.act(null);
    await choice.take("done");
    await list.move(1);
    expect([asked("act"), asked("done").length]).toEqual([[], 1]);
  });

  it("keeps everything when *done* fails", async () => {
    host.failing.set("done", "store");
    await choice.take("done");
    expect([ids().length, choice.seq, gate.failure?.code]).toEqual([6, 1, "store"]);
  });

  it("has nothing to undo without an undoable", async () => {
    await held.undo();
    expect(asked("undo")).toEqual([]);
  });

  it("takes a skipped check-in back and keeps the choice", async () => {
    const label = saidElsewhere("skipped: check-in at 11:30");
    host.change({ undoable: { id: null, label, until: null } });
    await held.undo();
    expect([asked("undo").length, choice.seq]).toEqual([1, 1]);
  });

  it("follows the view: what is withdrawn goes, what arrives comes, the choice stays", async () => {
    await choice.choose(2);
    host.hold([...host.items.slice(1), item({ id: 7 })]);
    await held.refresh();
    expect([ids(), choice.seq]).toEqual([[2, 5, 3, 4, 7, 6], 2]);
  });

  it("asks for nothing when a view says that the list is the same", async () => {
    const before = host.asked.length;
    host.change({ ready: true });
    await Promise.resolve();
    expect(host.asked).toHaveLength(before);
  });

  it("asks for nothing while nobody sees the page, and catches up once it is seen", async () => {
    const before = host.asked.length;
    vi.stubGlobal("document", { hidden: true });
    host.hold(host.items.slice(1));
    await Promise.resolve();
    expect(host.asked).toHaveLength(before);
    vi.unstubAllGlobals();
    await held.catchUp();
    expect(ids()).toEqual([2, 5, 3, 4, 6]);
  });

  it("follows with rests what changes all the time, but asks at once for what the user did", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout"] });
    try {
      const answer = host.ask.bind(host);
      vi.spyOn(host, "ask").mockImplementation(async (request) => {
        if (request.verb === "digest") vi.advanceTimersByTime(100);
        return answer(request);
      });
      const before = asked("digest").length;
      for (let round = 0; round < 20; round += 1) {
        host.hold([...host.items, item({ id: 50 + round })]);
        await vi.advanceTimersByTimeAsync(50);
      }
      expect(asked("digest").length - before).toBeLessThanOrEqual(3);
      await held.refresh();
      expect(ids()).toContain(69);
      await vi.advanceTimersByTimeAsync(2000);
      expect(ids()).toHaveLength(26);
    } finally {
      vi.useRealTimers();
      vi.restoreAllMocks();
    }
  });

  it("does not ask again and again for a list that cannot be had", async () => {
    const before = asked("digest").length;
    host.failing.set("digest", "store");
    host.hold(host.items.slice(1));
    await held.catchUp();
    expect(asked("digest").length - before).toBe(1);
    host.failing.clear();
    host.hold(host.items.slice(1));
    await held.catchUp();
    expect(ids()).toEqual([5, 3, 4, 6]);
  });

  it("shows what was edited", async () => {
    host.hold(host.items.map((each) => (each.id === 1 ? { ...each, summary: "Build 5813" } : each)));
    await held.refresh();
    expect([list.rows.get(1)?.summary, choice.detail?.item.summary]).toEqual(["Build 5813", "Build 5813"]);
  });

  it("is no failure when one was taken back meanwhile", async () => {
    host.items = host.items.slice(1);
    await choice.choose(1);
    expect(gate.failure).toBeNull();
  });

  it("forgets everything when the daemon goes", () => {
    host.quit();
    expect([ids(), held.known, choice.seq, choice.detail]).toEqual([[], false, null, null]);
  });

  it("asks at most once more while it is asking", async () => {
    const before = asked("digest").length;
    await Promise.all([held.refresh(), held.refresh(), held.refresh(), held.refresh()]);
    expect(asked("digest").length - before).toBe(2);
  });
});

describe("with ten thousand held", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => item({ id: index + 1, summary: `${index}` }));
  beforeEach(() => open(new FakeHost(closedView(), many)));

  const fetched = () => asked("rows").flatMap((request) => (request.verb === "rows" ? request.seqs : []));

  it("fetches the rows in sight and some around them, never more at once than allowed", async () => {
    expect(fetched().length).toBeLessThan(AT_ONCE);
    expect([list.rows.get(1)?.id, list.rows.get(5_000)]).toEqual([1, null]);
    await list.see({ from: 4_990, to: 5_290 });
    expect(list.rows.get(5_000)?.id).toBe(5_000);
    expect(list.rows.get(5_290)?.id).toBe(5_290);
    const largest = Math.max(
      ...asked("rows").map((request) => (request.verb === "rows" ? request.seqs.length : 0)),
    );
    expect(largest).toBeLessThanOrEqual(AT_ONCE);
  });

  it("fetches no row twice as long as nothing changes", async () => {
    const before = fetched().length;
    await list.see({ from: 100, to: 130 });
    await list.see({ from: 101, to: 131 });
    expect(fetched().slice(before)).toEqual(Array.from({ length: 91 }, (_, index) => 71 + index));
  });

  it("drops what is far away", async () => {
    for (let from = 0; from < 9_000; from += 100) await list.see({ from, to: from + 100 });
    expect(list.rows.size).toBeLessThanOrEqual(KEPT);
    expect([list.rows.get(100), list.rows.get(9_000)?.id]).toEqual([null, 9_000]);
    expect([choice.seq, list.rows.get(1)?.id]).toEqual([1, 1]);
  });

  it("passes over what is scrolled past while it is fetching", async () => {
    const before = asked("rows").length;
    const flung = Array.from({ length: 50 }, (_, step) =>
      list.see({ from: step * 150, to: step * 150 + 30 }),
    );
    await Promise.all(flung);
    expect(asked("rows").length - before).toBeLessThanOrEqual(2);
    expect(list.rows.get(49 * 150 + 1)?.id).toBe(49 * 150 + 1);
  });

  it("finds the texts of a row that was chosen far from what is in sight", async () => {
    await list.chooseAt(9_999);
    expect([choice.item?.id, choice.detail?.item.id]).toEqual([10_000, 10_000]);
  });
});
