// What the Now view computes: today's band, the basin, and a block's length.
import { describe, expect, it } from "vitest";
import { timeStyle } from "../../lib/format/time";
import { closedView, NOW, openView } from "../../lib/host/sample";
import { dayBand, deepWork } from "./day";
import { lengthOf, offered } from "../../lib/format/length";
import { level } from "./water";

const style = timeStyle("Europe/Berlin", "de-DE");
const HOUR = 3_600_000;

describe("today's band", () => {
  it("runs over the working day, with its check-ins and now", () => {
    const band = dayBand(openView(), null, NOW, style);
    expect(band.hours.map(({ label }) => label)).toEqual([
      "8",
      "9",
      "10",
      "11",
      "12",
      "13",
      "14",
      "15",
      "16",
      "17",
      "18",
    ]);
    expect(band.checkIns.map(({ label, place }) => [label, Math.round(place)])).toEqual([
      ["11:30", 35],
      ["14:00", 60],
      ["16:30", 85],
    ]);
    expect(band.now).toBeCloseTo(26.13, 1);
    expect(band.block).toBeNull();
  });

  it("tells which labels would stand over one another on a narrow band", () => {
    const at = (hours: number) => NOW + hours * HOUR;
    const band = dayBand(openView({ check_ins_today: [at(1), at(2), at(4)] }), null, NOW, style);
    expect(band.checkIns.map(({ isNear }) => isNear)).toEqual([false, true, false]);
  });

  it("grows with what lies outside of the working day, and never leaves the day", () => {
    const night = closedView({
      block: { intention: null, started: NOW - 20 * HOUR, ends: { kind: "open" }, left_out: 0 },
    });
    const band = dayBand(night, NOW + 20 * HOUR, NOW, style);
    expect(band.block).toEqual({ from: 0, to: 100 });
    expect(band.hours).toHaveLength(25);
  });

  it("shows the blocks that are over, and leaves out yesterday's", () => {
    const yesterday = { intention: "Old", started: NOW - 30 * HOUR, ended: NOW - 29 * HOUR };
    const early = { intention: null, started: NOW - 4 * HOUR, ended: NOW - 3 * HOUR };
    const band = dayBand(openView({ blocks_today: [yesterday, early] }), null, NOW, style);
    expect(band.past.map(({ label }) => label)).toEqual(["6:36–7:36 Deep work"]);
    expect(band.hours[0]?.hour).toBe(6);
    expect(band.past[0]?.from).toBeGreaterThanOrEqual(0);
    expect(band.past[0]?.to).toBeGreaterThan(band.past[0]?.from ?? 0);
  });

  it("adds up the deep work of the day, the running block included", () => {
    const block = { intention: null, started: NOW - HOUR, ends: { kind: "open" } as const, left_out: 0 };
    expect(deepWork(closedView({ block, deep_work: { today: HOUR, week: 9 * HOUR } }), NOW, style)).toBe(
      2 * HOUR,
    );
    const night = { ...block, started: NOW - 20 * HOUR };
    expect(deepWork(closedView({ block: night, deep_work: { today: 0, week: 0 } }), NOW, style)).toBe(
      style.hourOfDay(NOW) * HOUR,
    );
    const left = { ...block, left_out: HOUR / 2 };
    expect(deepWork(closedView({ block: left, deep_work: { today: 0, week: 0 } }), NOW, style)).toBe(
      HOUR / 2,
    );
    expect(deepWork(openView(), NOW, style)).toBe(0);
  });

  it("leaves out check-ins of other days", () => {
    expect(dayBand(openView({ check_ins_today: [NOW + 30 * HOUR] }), null, NOW, style).checkIns).toEqual([]);
  });
});

it("the water rises with what is held, and stays in the basin", () => {
  const levels = [0, 1, 10, 100, 1_000, 10_000_000].map(level);
  expect([...levels].sort((a, b) => b - a)).toEqual(levels);
  expect(new Set(levels).size).toBe(levels.length);
  expect(levels.at(-1)).toBeGreaterThan(0);
});

it("asks for the length that was chosen", () => {
  expect(lengthOf("50", "", true)).toEqual({ kind: "minutes", minutes: 50 });
  expect(lengthOf("until-check-in", "", true)).toEqual({ kind: "until-check-in" });
  expect(lengthOf("until-check-in", "", false)).toEqual({ kind: "usual" });
  expect(lengthOf("open", "", true)).toEqual({ kind: "open" });
  expect(lengthOf("own", "35", true)).toEqual({ kind: "minutes", minutes: 35 });
  for (const none of ["", "0", "1441", "2.5", "x"]) expect(lengthOf("own", none, true)).toBeNull();
});

it("offers the usual length first, whatever it is", () => {
  expect(offered({ kind: "minutes", minutes: 90 })).toEqual({ name: "90", own: "" });
  expect(offered({ kind: "minutes", minutes: 35 })).toEqual({ name: "own", own: "35" });
  expect(offered({ kind: "until-check-in" })).toEqual({ name: "until-check-in", own: "" });
  expect(offered({ kind: "open" })).toEqual({ name: "open", own: "" });
});
