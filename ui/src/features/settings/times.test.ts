// Times of a day, as typed, moved and written.
import { expect, it } from "vitest";
import { another, at, clock, minutesOf, moved, parse, valueOf } from "./times";

it("reads what the settings say, and writes it back in order", () => {
  expect(minutesOf("11:30,14:00,9:05")).toEqual([545, 690, 840]);
  expect(minutesOf("none")).toEqual([]);
  expect(valueOf([840, 690, 840])).toBe("11:30,14:00");
  expect(valueOf([])).toBe("none");
});

it("takes times as people type them, and nothing else", () => {
  expect(["9", "9:05", "09.05", "23:59", " 7h30 "].map(parse)).toEqual([540, 545, 545, 1439, 450]);
  expect(["", "24:00", "9:60", "9:5", "noon", "-1"].map(parse)).toEqual([null, null, null, null, null, null]);
  expect(clock(545)).toBe("09:05");
});

it("moves on a grid, within the day", () => {
  expect([moved(690, 15), moved(690, -15), moved(695, 15), moved(695, -15)]).toEqual([705, 675, 705, 690]);
  expect([moved(690, 60), moved(0, -15), moved(1439, 15)]).toEqual([750, 0, 1425]);
  expect([at(0), at(0.5), at(1)]).toEqual([0, 720, 1425]);
});

it("offers a time for one more", () => {
  expect([another([]), another([690]), another([1380]), another([60, 1425])]).toEqual([720, 810, 1395, 0]);
});
