// That the window's own messages are there, and that the types know what each takes.
import { expect, it } from "vitest";
import { LANGUAGE, pieces, say } from "./say";

it("speaks English where nobody wants anything else", () => {
  expect(LANGUAGE).toBe("en");
  expect(say("window-cancel")).toBe("Cancel");
  expect(say("frame-feedback", { count: 2 })).toBe("2 volume or brightness notices passed");
  expect(say("window-when-on-day", { time: "11:30", day: "Monday" })).toBe("11:30 on Monday");
});

it("says anything to whoever asks for what is not there, or in another way", () => {
  // @ts-expect-error: no such message
  expect(say("window-no-such-message")).toBe("window-no-such-message");
  // @ts-expect-error: it takes a parameter
  expect(say("window-minutes")).toBe("{$minutes} min");
  // @ts-expect-error: it takes none
  expect(say("window-cancel", { count: 1 })).toBe("Cancel");
  // @ts-expect-error: one is misnamed
  expect(say("window-minutes", { minute: 1 })).toBe("{$minutes} min");
  // @ts-expect-error: one is too much
  expect(say("window-minutes", { minutes: 1, hours: 2 })).toBe("1 min");
  // @ts-expect-error: it chooses by a number
  expect(say("frame-feedback", { count: "2" })).toBe("2 volume or brightness notices passed");
  // @ts-expect-error: it chooses by one of three words
  expect(say("window-refused-one", { deed: "open" })).toBe("One was not released");
  // @ts-expect-error: a component draws its link
  expect(say("now-closed-but", { ends: "open", time: "" })).toContain("{$link}");
});

it("takes what a place is worded with for the whole sentence", () => {
  expect(pieces("held-change", ["unseen"], { app: "Element" })).toEqual([
    "Change ",
    { place: "unseen", words: "what becomes of Element" },
    "",
  ]);
});
