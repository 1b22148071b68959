// How much an app sends, in words.
import { expect, it } from "vitest";
import { aWeek, share } from "./use";

const DAY = 24 * 3_600_000;

it("says how many came a week", () => {
  expect([aWeek(40, 28 * DAY), aWeek(5, 2 * DAY), aWeek(1, 30 * DAY), aWeek(0, 30 * DAY)]).toEqual([
    "10",
    "5",
    "under 1",
    "0",
  ]);
});

it("says what share was acted on", () => {
  expect([share(1, 3), share(0, 5), share(0, 0)]).toEqual(["33 %", "0 %", "–"]);
});
