// What counts as something to press, and where one is in words.
import { expect, it } from "vitest";
import { item } from "../host/sample";
import { deafness, hasButtons, stateWord } from "./item";

it("has buttons with a default action, a button or a reply, and not without any", () => {
  const silent = item({ has_default: false, actions: [], inline_reply: null });
  expect(hasButtons(silent)).toBe(false);
  expect(hasButtons({ ...silent, has_default: true })).toBe(true);
  expect(hasButtons({ ...silent, actions: [{ key: "0", label: "" }] })).toBe(true);
  expect(hasButtons({ ...silent, inline_reply: "" })).toBe(true);
});

it("has none where no app is behind it", () => {
  expect(hasButtons(item({ noted: true }))).toBe(false);
});

it("says where it is", () => {
  expect([stateWord(item()), stateWord(item({ later: true }))]).toEqual(["held", "held for later"]);
  expect(stateWord(item({ state: "withdrawn", later: true }))).toBe("withdrawn");
});

it("says why a press reaches nobody", () => {
  expect(deafness(item({ live: false }))).toBe("app gone");
  expect(deafness(item({ live: false, script_went_on: true }))).toBe("script went on");
});
