// The held list on a made-up daemon: choice, buttons, done and undo, pages, and what happens meanwhile.
import { beforeEach, describe, expect, it } from "vitest";
import type { Request } from "../contract";
import { FakeHost } from "../host/fake";
import { closedView, item, NOT_INSTALLED, sampleItems } from "../host/sample";
import { Gate } from "./gate.svelte";
import { Held, PAGE } from "./held.svelte";

let host: FakeHost;
let gate: Gate;
let held: Held;

async function open(made: FakeHost): Promise<void> {
  host = made;
  gate = new Gate(host);
  held = new Held(gate);
  await gate.open();
  await held.refresh();
}

const asked = (verb: Request["verb"]) => host.asked.filter((request) => request.verb === verb);
const ids = () => held.items.map(({ id }) => id);

describe("with six held", () => {
  beforeEach(() => open(new FakeHost(closedView(), sampleItems())));

  it("shows the oldest first and chooses it", () => {
    expect(ids()).toEqual([1, 2, 3, 4, 5, 6]);
    expect([held.chosen, held.detail?.item.id, held.detail?.revisions.length]).toEqual([1, 1, 3]);
  });

  it("moves the choice and stops at both ends", async () => {
    await held.move(-1);
    expect(held.chosen).toBe(1);
    for (let step = 0; step < 9; step += 1) await held.move(1);
    expect([held.chosen, held.detail?.item.id]).toEqual([6, 6]);
  });

  it("presses buttons byte-exact", async () => {
    await held.choose(4);
    await held.act(null);
    await held.act("app.open::r");
    expect(asked("act")).toEqual([
      { verb: "act", id: 4, action: null },
      { verb: "act", id: 4, action: "app.open::r" },
    ]);
  });

  it("opens a live one by its default action, and one whose app is gone by opening the app", async () => {
    await held.choose(4);
    await held.open();
    expect(asked("act")).toEqual([{ verb: "act", id: 4, action: null }]);
    await held.choose(3);
    await held.open();
    expect(asked("open-app")).toEqual([{ verb: "open-app", id: 3, token: null }]);
    expect([gate.message, ids().length, asked("act").length]).toEqual(["Opening Thunderbird", 6, 1]);
  });

  it("opens nothing where there is nothing to open", async () => {
    host.items = [item({ id: 1, has_default: false }), item({ id: 2, app_id: NOT_INSTALLED, live: false })];
    host.change({ held: 2 });
    await held.refresh();
    for (const id of [1, 2, null]) {
      await held.choose(id);
      await held.open();
    }
    expect([asked("act"), asked("open-app")]).toEqual([[], []]);
  });

  it("says so when an app could not be opened", async () => {
    host.failing.set("open-app", "not-started");
    await held.choose(3);
    await held.open();
    expect([gate.failure?.code, ids().length]).toEqual(["not-started", 6]);
  });

  it("answers inline, but never with nothing", async () => {
    await held.choose(2);
    expect(await held.reply("  ")).toBe(false);
    expect(await held.reply("on my way")).toBe(true);
    expect(asked("reply")).toEqual([{ verb: "reply", id: 2, text: "on my way" }]);
    host.failing.set("reply", "app-gone");
    expect(await held.reply("again")).toBe(false);
    expect(gate.failure?.code).toBe("app-gone");
  });

  it("chooses the next one when one is done, and undo brings it back chosen", async () => {
    await held.choose(3);
    await held.done();
    expect(asked("done")).toEqual([{ verb: "done", which: { kind: "ids", ids: [3] } }]);
    expect([ids(), held.chosen, held.detail?.item.id]).toEqual([[1, 2, 4, 5, 6], 4, 4]);
    await held.undo();
    expect([ids(), held.chosen, held.detail?.item.id]).toEqual([[1, 2, 3, 4, 5, 6], 3, 3]);
  });

  it("takes *done with all* back as a whole", async () => {
    await held.done(true);
    await held.undo();
    expect(ids()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(asked("undo")).toEqual([{ verb: "undo", id: null }]);
  });

  it("chooses the one before when the last is done", async () => {
    await held.choose(6);
    await held.release();
    expect(held.chosen).toBe(5);
  });

  it("is empty after all are done, and has nothing to act on", async () => {
    await held.done(true);
    expect([ids(), held.chosen, held.detail]).toEqual([[], null, null]);
    await held.act(null);
    await held.done();
    expect([asked("act"), asked("done").length]).toEqual([[], 1]);
  });

  it("keeps everything when *done* fails", async () => {
    host.failing.set("done", "store");
    await held.done();
    expect([ids().length, held.chosen, gate.failure?.code]).toEqual([6, 1, "store"]);
  });

  it("has nothing to undo without an undoable", async () => {
    await held.undo();
    expect(asked("undo")).toEqual([]);
  });

  it("follows the view: what is withdrawn goes, what arrives comes, the choice stays", async () => {
    await held.choose(2);
    host.items = [...host.items.slice(1), item({ id: 7 })];
    host.change({ held: 6 });
    await held.refresh();
    expect([ids(), held.chosen]).toEqual([[2, 3, 4, 5, 6, 7], 2]);
  });

  it("is no failure when one was taken back meanwhile", async () => {
    host.items = host.items.slice(1);
    await held.choose(1);
    expect(gate.failure).toBeNull();
  });

  it("forgets everything when the daemon goes", () => {
    host.quit();
    expect([ids(), held.known, held.chosen, held.detail]).toEqual([[], false, null, null]);
  });

  it("asks at most once more while it is asking", async () => {
    const before = asked("held").length;
    await Promise.all([held.refresh(), held.refresh(), held.refresh(), held.refresh()]);
    expect(asked("held").length - before).toBe(2);
  });
});

describe("with more than fit a page", () => {
  const many = Array.from({ length: 2 * PAGE + 30 }, (_, index) => item({ id: index + 1 }));
  beforeEach(() => open(new FakeHost(closedView(), many)));

  it("fetches page after page, and no further than the end", async () => {
    expect(held.items).toHaveLength(PAGE);
    const before = asked("held").length;
    await held.more();
    await held.more();
    await held.more();
    expect(held.items).toHaveLength(many.length);
    expect(new Set(ids()).size).toBe(many.length);
    expect(asked("held").length - before).toBe(2);
  });

  it("fetches a page once when it is asked for twice at the same time", async () => {
    await Promise.all([held.more(), held.more()]);
    expect(ids()).toEqual(many.slice(0, 2 * PAGE).map(({ id }) => id));
  });

  it("fetches the page that was asked for during a refresh", async () => {
    await Promise.all([held.refresh(), held.more()]);
    expect(held.items).toHaveLength(2 * PAGE);
    await Promise.all([held.more(), held.refresh()]);
    expect(ids()).toEqual(many.map(({ id }) => id));
  });

  it("keeps as many as were fetched when it is refreshed", async () => {
    await held.more();
    await held.refresh();
    expect(held.items).toHaveLength(2 * PAGE);
    expect(held.next).toBe(2 * PAGE);
  });

  it("fetches the next page when the choice moves past the end", async () => {
    await held.choose(PAGE - 1);
    await held.move(1);
    expect(held.items).toHaveLength(2 * PAGE);
  });
});
