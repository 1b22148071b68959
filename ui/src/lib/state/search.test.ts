// Searching all history on a made-up daemon: one question at a time, pages, verbs that are possible, and the way back.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "../host/fake";
import { closedView, item, sampleHistory, sampleItems } from "../host/sample";
import { Gate } from "./gate.svelte";
import { PAGE, Search } from "./search.svelte";

let host: FakeHost;
let gate: Gate;
let search: Search;

async function open(made: FakeHost): Promise<void> {
  host = made;
  gate = new Gate(host);
  search = new Search(gate);
  await gate.open();
}

const questions = () =>
  host.asked.flatMap((request) => (request.verb === "search" ? [[request.text, request.after]] : []));
const found = () => search.list.order.seqs.map((seq) => search.list.rows.get(seq)?.summary);

describe("over a morning's history", () => {
  beforeEach(async () => {
    const made = new FakeHost(closedView(), sampleItems());
    made.history = sampleHistory();
    await open(made);
  });

  it("finds what has all the words, newest first, wherever it is now", async () => {
    await search.type("review req");
    expect(found()).toEqual(["Review requested: store migrations", "Review requested: ledger"]);
    const states = search.list.order.seqs.map((seq) => search.list.rows.get(seq)?.state);
    expect([states, search.list.choice.detail?.item.id]).toEqual([["held", "done"], 4]);
  });

  it("asks for nothing without words, and forgets what was found", async () => {
    await search.type("build");
    await search.type("   ");
    expect([search.on, search.found, found(), questions().length]).toEqual([false, null, [], 1]);
  });

  it("sends one question at a time, and of what is typed meanwhile only the last", async () => {
    await Promise.all(["b", "bu", "bui", "buil", "build"].map((text) => search.type(text)));
    expect(questions().map(([text]) => text)).toEqual(["b", "build"]);
    expect([search.found, found()]).toEqual(["build", ["Build 5812 failed on main"]]);
  });

  it("shows no answer to what is not looked for any more", async () => {
    const asked = search.type("build");
    await search.close();
    await asked;
    expect([search.on, search.found, found()]).toEqual([false, null, []]);
  });

  it("says so when nothing was found", async () => {
    await search.type("nowhere");
    expect([search.found, found(), search.list.choice.seq]).toEqual(["nowhere", [], null]);
  });

  it("says so when it could not be carried out, and asks again", async () => {
    host.failing.set("search", "store");
    await search.type("build");
    expect([search.failed, gate.failure?.code]).toEqual([true, "store"]);
    host.failing.clear();
    await search.again();
    expect([search.failed, found()]).toEqual([false, ["Build 5812 failed on main"]]);
  });

  it("says that something may be missing while the daemon still reads, until it is asked again", async () => {
    host.indexIsBehind = true;
    await search.type("build");
    expect([search.behind, found()]).toEqual([true, ["Build 5812 failed on main"]]);
    host.indexIsBehind = false;
    await search.again();
    expect(search.behind).toBe(false);
    host.indexIsBehind = true;
    await search.type("nowhere");
    expect([search.behind, search.found]).toEqual([true, "nowhere"]);
    await search.close();
    expect(search.behind).toBe(false);
  });

  describe("while the daemon still reads what came last", () => {
    beforeEach(() => {
      vi.useFakeTimers();
      host.indexIsBehind = true;
    });
    afterEach(() => vi.useRealTimers());

    it("asks again by itself until it has read all, and no longer", async () => {
      const unread = host.history;
      host.history = [];
      await search.type("rollout is");
      host.history = unread;
      expect([search.behind, found()]).toEqual([true, []]);
      await vi.advanceTimersByTimeAsync(1_000);
      host.indexIsBehind = false;
      await vi.advanceTimersByTimeAsync(60_000);
      const { detail } = search.list.choice;
      expect([search.behind, found().length, detail?.item.state]).toEqual([false, 1, "released"]);
      expect([questions().length, vi.getTimerCount()]).toEqual([4, 0]);
    });

    it("leaves the choice where it is", async () => {
      await search.type("review");
      await search.list.chooseAt(1);
      const { seq } = search.list.choice;
      host.history = sampleHistory();
      await vi.advanceTimersByTimeAsync(500);
      expect([questions().length, search.list.choice.seq]).toEqual([2, seq]);
    });

    it("asks for nothing more once the search is over", async () => {
      await search.type("review");
      await search.close();
      await vi.advanceTimersByTimeAsync(60_000);
      expect([questions().length, found()]).toEqual([1, []]);
    });
  });

  it("lets be done only what is possible where it is now", async () => {
    const { choice } = search.list;
    for (const state of ["passed", "withdrawn", "muted", "expired", "released", "done"] as const) {
      const seq = host.history.find((each) => each.state === state)?.seq ?? 0;
      await choice.choose(seq);
      expect([choice.item?.state, choice.may("done"), choice.may("later"), choice.may("release")]).toEqual([
        state,
        false,
        false,
        false,
      ]);
      await choice.take("done");
    }
    expect(host.asked.some(({ verb }) => verb === "done")).toBe(false);
  });

  it("keeps what was found where it was when one of it is done, and says that it is", async () => {
    await search.type("review");
    await search.list.choice.take("done");
    const { choice } = search.list;
    expect([found().length, choice.item?.state, search.list.rows.get(4)?.state]).toEqual([2, "done", "done"]);
    await choice.takeBack();
    expect(choice.item?.state).toBe("held");
  });

  it("is over when the daemon goes", async () => {
    await search.type("review");
    host.quit();
    expect([search.on, found()]).toEqual([false, []]);
  });
});

describe("over more than a page", () => {
  const many = Array.from({ length: 2 * PAGE + 30 }, (_, index) => item({ id: index + 1 }));
  beforeEach(async () => {
    await open(new FakeHost(closedView(), many));
    await search.type("review");
  });

  it("fetches page after page, and no further than the end", async () => {
    await search.more();
    await search.more();
    await search.more();
    expect(search.list.order.seqs).toEqual(many.map(({ seq }) => seq).toReversed());
    expect(questions().map(([, after]) => after)).toEqual([null, 131, 31]);
  });

  it("fetches a page once when it is asked for twice at the same time", async () => {
    await Promise.all([search.more(), search.more()]);
    expect(search.list.order.seqs).toHaveLength(2 * PAGE);
  });

  it("drops a page of what is not looked for any more", async () => {
    const answer = host.ask.bind(host);
    let hold: (() => void) | undefined;
    host.ask = (request) =>
      "after" in request && request.after !== null
        ? new Promise((resolve) => (hold = () => resolve(answer(request))))
        : answer(request);
    const page = search.more();
    await search.type("github");
    hold?.();
    await page;
    expect([search.found, search.list.order.seqs.length]).toEqual(["github", PAGE]);
  });
});
