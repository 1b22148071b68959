// The order of a digest, and where its rows lie: computed, bounded, and kept in place when the list changes.
import { describe, expect, it } from "vitest";
import type { Digest } from "../contract";
import {
  AFTER,
  anchors,
  assignSlots,
  DIVIDER,
  FOLLOWING,
  HEADING,
  heightAt,
  keepInPlace,
  layOut,
  readingOrder,
  reveal,
  ROW,
  rowsDrawn,
  rowsInSight,
  sectionAt,
  sectionsInSight,
} from "./layout";
import { conversationAt, digestOrder, neighbour, NOTHING, plainOrder, Ranks, without } from "./order";

const app = (name: string, ...conversations: number[][]) => ({ app_id: name, app: name, conversations });
const digest = (change: Partial<Digest> = {}): Digest => ({
  held_revision: 1,
  apps: [],
  later: [],
  ...change,
});
const morning = digestOrder(
  digest({ apps: [app("chat", [1, 4, 6], [2]), app("mail", [3])], later: [app("chat", [5])] }),
);

describe("the order of a digest", () => {
  it("is by app and conversation, and what was put off comes last", () => {
    expect(morning.seqs).toEqual([1, 4, 6, 2, 3, 5]);
    expect([...morning.follows]).toEqual([0, 1, 1, 0, 0, 0]);
    expect(morning.groups.map(({ app, later, from, to }) => [app, later, from, to])).toEqual([
      ["chat", false, 0, 4],
      ["mail", false, 4, 5],
      ["chat", true, 5, 6],
    ]);
  });

  it("keeps the apps where they were, adds new ones at the end, and starts anew from nothing", () => {
    const ranks = new Ranks();
    const shown = (...apps: Digest["apps"]) =>
      digestOrder(digest({ apps }), ranks).groups.map(({ appId }) => appId);
    expect(shown(app("chat", [1, 7]), app("mail", [3]), app("ci", [4]))).toEqual(["chat", "mail", "ci"]);
    expect(shown(app("ci", [4]), app("chat", [7]), app("new", [8]))).toEqual(["chat", "ci", "new"]);
    expect(shown(app("mail", [3]), app("ci", [4]))).toEqual(["mail", "ci"]);
    expect(shown()).toEqual([]);
    expect(shown(app("new", [9]), app("chat", [10]))).toEqual(["new", "chat"]);
  });

  it("tells two apps of one name apart by their ids", () => {
    const mail = (app_id: string) => ({ app_id, app: "Mail", conversations: [[1]] });
    const shared = digest({ apps: [mail("a"), app("chat", [2])], later: [mail("b"), app("chat", [3])] });
    expect(digestOrder(shared).groups.map(({ app }) => app)).toEqual([
      "Mail (a)",
      "chat",
      "Mail (b)",
      "chat",
    ]);
  });

  it("bears an empty conversation", () => {
    const order = digestOrder(digest({ apps: [app("chat", [], [1, 2])] }));
    expect([order.seqs, [...order.follows]]).toEqual([
      [1, 2],
      [0, 1],
    ]);
  });

  it("names the row that takes the place of one that has gone", () => {
    const without = (...gone: number[]) => plainOrder(morning.seqs.filter((seq) => !gone.includes(seq)));
    expect(neighbour(morning, 1, without(4))).toBe(6);
    expect(neighbour(morning, 1, without(4, 6, 2))).toBe(3);
    expect(neighbour(morning, 5, without(5))).toBe(3);
    expect(neighbour(morning, 1, morning)).toBe(6);
    expect(neighbour(morning, 1, NOTHING)).toBeNull();
    expect(neighbour(NOTHING, -1, morning)).toBe(1);
  });

  it("does not go to what was put off, unless it comes from there", () => {
    const off = digestOrder(digest({ apps: [app("mail", [3])], later: [app("chat", [1, 4, 6], [2])] }));
    expect(neighbour(morning, 1, off)).toBe(3);
    expect(neighbour(off, 2, digestOrder(digest({ later: [app("chat", [1, 4], [2])] })))).toBe(2);
  });
});

describe("what is read", () => {
  const read = (order: typeof morning, places: number[]) =>
    readingOrder(layOut(order), places).map(({ id, section, rows }) => [id, section?.app ?? null, rows]);

  it("is by app, in the order of the list, whatever element shows it", () => {
    expect(read(morning, [5, 2, 0, 4, 1])).toEqual([
      ["app-1", "chat", ["row-1", "row-4", "row-6"]],
      ["row-3", null, ["row-3"]],
      ["row-5", null, ["row-5"]],
    ]);
  });

  it("is one row after the other where there are no apps", () => {
    expect(read(plainOrder([9, 8, 7]), [2, 0])).toEqual([
      ["row-9", null, ["row-9"]],
      ["row-7", null, ["row-7"]],
    ]);
  });
});

describe("the places of its rows", () => {
  const layout = layOut(morning);

  it("follow from their kinds, and one row of an app has no heading", () => {
    const second = HEADING + 2 * ROW + 2 * FOLLOWING + AFTER;
    expect([...layout.tops]).toEqual([
      HEADING,
      HEADING + ROW,
      HEADING + ROW + FOLLOWING,
      HEADING + ROW + 2 * FOLLOWING,
      second,
      second + ROW + DIVIDER,
    ]);
    expect([layout.divider, layout.height]).toEqual([second + ROW, second + 2 * ROW + DIVIDER]);
    expect(layout.sections.map(({ top, isHeaded }) => [top, isHeaded])).toEqual([
      [0, true],
      [second, false],
      [second + ROW + DIVIDER, false],
    ]);
    expect([0, 3, 4, 5].map((place) => sectionAt(layout, place)?.appId)).toEqual([
      "chat",
      "chat",
      "mail",
      "chat",
    ]);
    expect(sectionAt(layOut(NOTHING), 0)).toBeUndefined();
  });

  it("need no headings", () => {
    const plain = layOut(plainOrder([9, 8, 7]));
    expect([[...plain.tops], plain.height, plain.sections]).toEqual([[0, ROW, 2 * ROW], 3 * ROW, []]);
    expect(layOut(NOTHING).height).toBe(0);
  });
});

describe("among a hundred thousand", () => {
  const conversations = Array.from({ length: 20_000 }, (_, index) =>
    Array.from({ length: 5 }, (_, line) => index * 5 + line),
  );
  const order = digestOrder(digest({ apps: [app("chat", ...conversations)] }));
  const layout = layOut(order);

  it("draws only what is in sight and some around it", () => {
    for (const top of [0, 1, 12_345, layout.height / 2, layout.height - 700]) {
      const { from, to } = rowsInSight(layout, top, 700);
      expect(to - from).toBeLessThan(50);
      expect(layout.tops[from]).toBeLessThanOrEqual(Math.max(top, HEADING));
      expect((layout.tops[to - 1] ?? 0) + heightAt(order, to - 1)).toBeGreaterThanOrEqual(
        Math.min(top + 700, layout.height - AFTER),
      );
      expect(sectionsInSight(layout, top, 700)).toHaveLength(1);
    }
  });

  it("draws always as many, so that no element comes or goes while one scrolls", () => {
    for (const height of [100, 515, 700, 1400])
      for (let top = 0; top < 20_000; top += 37) {
        const { from, to } = rowsInSight(layout, top, height);
        const below = (layout.tops[to - 1] ?? 0) + heightAt(order, to - 1);
        expect([to - from, below >= top + height]).toEqual([rowsDrawn(height), true]);
      }
  });

  it("leaves each row in its element when others come, go or are scrolled past", () => {
    const first = assignSlots(new Map(), [10, 11, 12, 13], 4);
    expect([...first]).toEqual([
      [10, 0],
      [11, 1],
      [12, 2],
      [13, 3],
    ]);
    const oneCame = assignSlots(first, [9, 10, 11, 12], 4);
    expect([...oneCame].sort((a, b) => a[0] - b[0])).toEqual([
      [9, 3],
      [10, 0],
      [11, 1],
      [12, 2],
    ]);
    const oneWent = assignSlots(oneCame, [9, 10, 12], 4);
    expect(oneWent.get(12)).toBe(2);
    expect(new Set(assignSlots(oneWent, [12, 13, 14, 15], 4).values()).size).toBe(4);
  });

  it("draws the same rows after a small step of scrolling", () => {
    const spans = Array.from({ length: 20 }, (_, step) => rowsInSight(layout, 5_000 + step, 700));
    expect(new Set(spans.map(({ from, to }) => `${from}-${to}`)).size).toBeLessThanOrEqual(2);
  });

  it("scrolls as little as possible to a row, and never under its heading", () => {
    expect(reveal(layout, 0, 500, 700)).toBe(0);
    const place = 50_000;
    const rowTop = layout.tops[place] ?? 0;
    expect(reveal(layout, place, rowTop - 300, 700)).toBe(rowTop - 300);
    expect(reveal(layout, place, rowTop, 700)).toBe(rowTop - HEADING);
    expect(reveal(layout, place, 0, 700)).toBe(rowTop + heightAt(order, place) - 700);
  });
});

describe("what the eyes are on", () => {
  const layout = layOut(digestOrder(digest({ apps: [app("a", [1], [2], [3]), app("b", [4], [5], [6])] })));
  const grown = layOut(
    digestOrder(digest({ apps: [app("a", [1, 7, 8], [2], [3], [9]), app("b", [4], [5], [6])] })),
  );
  const topOf = (seq: number) => grown.tops[grown.order.seqs.indexOf(seq)] ?? 0;

  it("is the chosen row first, then every row in sight", () => {
    expect(anchors(layout, 60, 200, 2).map(({ seq }) => seq)).toEqual([2, 1, 2, 3]);
    expect(anchors(layout, 60, 200, 6).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(anchors(layOut(NOTHING), 0, 200, null)).toEqual([]);
  });

  it("stays in place when rows come above it", () => {
    const eyes = anchors(layout, 60, 200, 3);
    expect(topOf(3) - (keepInPlace(grown, eyes, 200) ?? 0)).toBe((layout.tops[2] ?? 0) - 60);
  });

  it("is the next row that is left when the chosen one has gone", () => {
    const eyes = anchors(layout, 60, 200, 2);
    const without = layOut(digestOrder(digest({ apps: [app("a", [3]), app("b", [4], [5], [6])] })));
    expect(keepInPlace(without, eyes, 200)).toBe(0);
  });

  it("does not follow what is put off", () => {
    const eyes = anchors(layout, 60, 200, 2);
    const apps = [app("a", [1], [3]), app("b", [4], [5], [6])];
    const off = layOut(digestOrder(digest({ apps, later: [app("a", [2])] })));
    const kept = keepInPlace(off, eyes, 200) ?? 0;
    expect((off.tops[0] ?? 0) - kept).toBe((layout.tops[0] ?? 0) - 60);
  });

  it("is nothing when none is left", () => {
    expect(keepInPlace(layOut(plainOrder([99])), anchors(layout, 60, 200, 2), 200)).toBeNull();
  });
});

it("is the same order without what is left out, and each conversation still begins", () => {
  const conversations = [[1, 2, 3], [4]];
  const order = digestOrder({
    held_revision: 1,
    apps: [
      { app_id: "a", app: "A", conversations },
      { app_id: "b", app: "B", conversations: [[5]] },
    ],
    later: [{ app_id: "c", app: "C", conversations: [[6, 7]] }],
  });
  const left = without(order, [1, 2, 5, 6]);
  expect([left.seqs, [...left.follows], left.laterFrom]).toEqual([[3, 4, 7], [0, 0, 0], 2]);
  expect(left.groups.map(({ appId, from, to }) => [appId, from, to])).toEqual([
    ["a", 0, 2],
    ["c", 2, 3],
  ]);
  expect([conversationAt(order, 1), conversationAt(order, 3), conversationAt(order, 6)]).toEqual([
    [0, 3],
    [3, 4],
    [5, 7],
  ]);
});
