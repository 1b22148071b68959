// What is typed for a snooze, and what is refused in one line.
import { expect, it } from "vitest";
import { snoozeEnd } from "./snooze";

const HALF_PAST_TEN = 10.5;
const minutes = (minutes: number) => ({ kind: "minutes", minutes });
const time = (hour: number, minute: number) => ({ kind: "time", hour, minute });

it.each([
  ["20", minutes(20)],
  [" 20 MIN ", minutes(20)],
  ["45m", minutes(45)],
  ["1h", minutes(60)],
  ["1h30", minutes(90)],
  ["1 h 30 min", minutes(90)],
  ["2 hours", minutes(120)],
  ["24h", minutes(1_440)],
  ["10:31", time(10, 31)],
  ["until 16:30", time(16, 30)],
  ["until 11", time(11, 0)],
] as const)("takes %j", (typed, end) => {
  expect(snoozeEnd(typed, HALF_PAST_TEN)).toEqual(end);
});

it.each(["noon", "0", "25h", "1441", "24:00", "11:60", "-5", "20 m 3", "tomorrow at 9"])(
  "refuses %j and says what to give instead",
  (typed) => {
    expect(snoozeEnd(typed, HALF_PAST_TEN)).toBe(
      `“${typed}” is no length up to 24 h and no time: type 20, 1h30 or 16:30`,
    );
  },
);

it("asks for something where nothing was typed", () => {
  expect(snoozeEnd("  ", HALF_PAST_TEN)).toBe("Until when? Type 20, 1h30 or 16:30");
});

it("refuses a time that is past today, and the one that it is now", () => {
  for (const typed of ["9:00", "10:30", "until 10"])
    expect(snoozeEnd(typed, HALF_PAST_TEN)).toMatch(/^\d+(:\d\d)? is past today: type a later time/);
});
