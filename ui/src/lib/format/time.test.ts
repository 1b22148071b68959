// Instants and stretches in words, in zones and languages that misbehave too.
import { describe, expect, it } from "vitest";
import { writes24Hours } from "./locale";
import { ahead, countdown, elapsed, showsSeconds, stretch, timeStyle } from "./time";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const berlin = timeStyle("Europe/Berlin", "de-DE");
/** 2026-03-03 11:30 in Berlin, a Tuesday. */
const AT = Date.UTC(2026, 2, 3, 10, 30);

describe("a point in time", () => {
  it.each([
    ["today", AT, AT - HOUR, "11:30"],
    ["tomorrow", AT, AT - DAY, "11:30 tomorrow"],
    ["in some days", AT, AT - 3 * DAY, "11:30 on Tuesday"],
    ["in weeks", AT, AT - 20 * DAY, "11:30 on 3 Mar"],
    ["before noon", AT - 2 * HOUR - 32 * MINUTE, AT, "8:58"],
  ])("%s", (_, at, now, expected) => {
    expect(berlin.when(at, now)).toBe(expected);
  });

  it("is stamped with its day when that is not today", () => {
    expect(berlin.stamp(AT, AT)).toBe("11:30");
    expect(berlin.stamp(AT, AT + 2 * DAY)).toBe("Tue 11:30");
  });

  it("is in the daemon's zone, not in this machine's", () => {
    expect(timeStyle("Asia/Kolkata", "en-GB").time(AT)).toBe("16:00");
    expect(timeStyle("America/New_York", "en-GB").time(AT)).toBe("5:30");
  });

  it("keeps its place on the clock over a change to summer time", () => {
    const before = Date.UTC(2026, 2, 29, 0, 59, 59);
    expect(berlin.hourOfDay(before)).toBeCloseTo(1.9997, 3);
    expect(berlin.hourOfDay(before + 1_000)).toBe(3);
  });

  it("follows the user's half-day clock", () => {
    expect(timeStyle("Europe/Berlin", "en-US").time(AT + 3 * HOUR)).toBe("2:30\u00a0pm");
    expect(timeStyle("Europe/Berlin", "en-US").hour(12)).toBe("12\u00a0pm");
    expect(berlin.hour(14)).toBe("14");
  });

  it.each(["C", "POSIX", "", "xx-nonsense-!!", undefined])("survives the language %s", (language) => {
    expect(writes24Hours(language)).toBe(true);
    expect(timeStyle("Europe/Berlin", language).time(AT)).toBe("11:30");
  });

  it("survives a zone that this engine does not know, and an instant that none can hold", () => {
    expect(timeStyle("Mars/Olympus", "de").time(AT)).toMatch(/^\d?\d:30$/);
    expect(berlin.when(Number.NaN, AT)).toContain("?");
    expect(berlin.time(9e15)).toBe("?");
  });
});

describe("time left", () => {
  it.each([
    [47 * MINUTE + 12_000, "47:12"],
    [59 * MINUTE + 59_001, "60:00"],
    [9_001, "0:10"],
    [0, "0:00"],
    [-5_000, "0:00"],
    [HOUR, "1 h 00"],
    [84 * MINUTE, "1 h 24"],
  ])("%d ms", (left, expected) => {
    expect(countdown(left)).toBe(expected);
  });

  it("shows seconds below an hour only", () => {
    expect(showsSeconds(HOUR - 1)).toBe(true);
    expect(showsSeconds(HOUR)).toBe(false);
  });
});

it.each([
  [-MINUTE, "0 min"],
  [59_999, "0 min"],
  [54 * MINUTE, "54 min"],
  [150 * MINUTE + 59_000, "2 h 30"],
])("%d ms gone are %s", (gone, expected) => {
  expect(elapsed(gone)).toBe(expected);
});

it("counts the minute that has begun as still to come", () => {
  expect(ahead(150 * MINUTE - 1)).toBe("2 h 30 min");
  expect(ahead(150 * MINUTE)).toBe("2 h 30 min");
});

it.each([
  [-MINUTE, "under a minute"],
  [59_999, "under a minute"],
  [54 * MINUTE, "54 min"],
  [2 * HOUR, "2 h"],
  [2 * HOUR + 5 * MINUTE, "2 h 05 min"],
  [3 * DAY, "3 days"],
])("a stretch of %d ms is %s", (milliseconds, expected) => {
  expect(stretch(milliseconds)).toBe(expected);
});
