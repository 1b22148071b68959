// What the daemon says is worded here as the command line words it, on this user's clock, whatever it is.
import { describe, expect, it } from "vitest";
import type { Argument } from "../contract";
import { timeStyle } from "../format/time";
import { saidElsewhere, told } from "./told";

/** Monday, 23 November 2026, 9:58 in Berlin. */
const NOW = Date.UTC(2026, 10, 23, 8, 58);
const times = { style: timeStyle("Europe/Berlin", "de"), now: NOW };

function say(id: string, args: Record<string, Argument> = {}): string {
  return told({ id, args }, times);
}

describe("a message of the daemon", () => {
  it("has its numbers and plurals", () => {
    expect(say("answer-ended", { held: { number: 0 } })).toBe("Block ended, nothing is held");
    expect(say("answer-ended", { held: { number: 12_000 } })).toBe("Block ended, 12000 held");
    const out = (number: number) => say("answer-undone", { count: { number: 20 }, out: { number } });
    expect([out(0), out(1), out(3)]).toEqual([
      "20 held again",
      "20 held again, 1 is out already",
      "20 held again, 3 are out already",
    ]);
  });

  it("tells times on the user's clock", () => {
    expect(say("answer-started", { ends: { instant: NOW + 92 * 60_000 } })).toBe("Block until 11:30");
    expect(say("answer-started", { ends: { instant: NOW + 86_400_000 } })).toBe("Block until 9:58 tomorrow");
    expect(say("answer-away-counts", { length: { length: 23 * 60_000 } })).toBe("23 min away count");
  });

  it.each([
    [812, "812 bytes"],
    [1_024, "1 KiB"],
    [1_536, "1.5 KiB"],
    [60 * 1_048_576, "60 MiB"],
    [10.5 * 1_048_576, "10 MiB"],
    [3 * 2 ** 40, "3072 GiB"],
  ])("tells %d bytes as %s", (size, words) => {
    expect(say("reason-body-cut", { size: { size } })).toBe(`body cut: it was ${words} long`);
  });

  it("may have another in it", () => {
    const started = { id: "answer-checked-in", args: { held: { number: 3 } } };
    const args = { "checked-in": { message: started }, withdrawn: { number: 1 } };
    expect(say("answer-checked-in-withdrawn", args)).toBe("Checked in: 3 handed over, 1 withdrawn");
  });

  it("is only ever text, and never throws", () => {
    expect(say("answer-acted", { key: { text: "{ $key } <b>" } })).toBe("Pressed: { $key } <b>");
    expect(told(saidElsewhere("{ plain }"), times)).toBe("{ plain }");
    expect([say("of-tomorrow"), say("answer-acted")]).toEqual(["of-tomorrow", "Pressed: {$key}"]);
  });
});
