// Which key asks for what, and that the table says each once.
import { expect, it } from "vitest";
import { BINDINGS, command, commandEverywhere, type Pressed } from "./keys";

const key = (name: string, change: Partial<Pressed> = {}): Pressed => ({
  key: name,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  ...change,
});

it.each([
  ["j", { kind: "move", step: 1 }],
  ["K", { kind: "move", step: -1 }],
  ["ArrowDown", { kind: "move", step: 1 }],
  ["PageUp", { kind: "page", step: -1 }],
  ["Home", { kind: "edge", to: "first" }],
  ["End", { kind: "edge", to: "last" }],
  ["o", { kind: "open" }],
  ["1", { kind: "button", number: 1 }],
  ["9", { kind: "button", number: 9 }],
  ["r", { kind: "reply" }],
  ["E", { kind: "done" }],
  ["l", { kind: "later" }],
  ["u", { kind: "undo" }],
  ["/", { kind: "search" }],
  ["c", { kind: "close-check-in" }],
  ["Escape", { kind: "leave" }],
  ["n", null],
  ["?", null],
  ["0", null],
  ["x", null],
  ["constructor", null],
])("%s", (name, expected) => {
  expect(command(key(name))).toEqual(expected);
});

it("notes and shows the keys in every view", () => {
  expect(commandEverywhere(key("n"))).toEqual({ kind: "note" });
  expect(commandEverywhere(key("?"))).toEqual({ kind: "keys" });
  expect(commandEverywhere(key("j"))).toBeNull();
});

it("leaves the browser's own shortcuts alone", () => {
  expect(command(key("r", { ctrlKey: true }))).toBeNull();
  expect(command(key("e", { altKey: true }))).toBeNull();
  expect(command(key("j", { metaKey: true }))).toBeNull();
  expect(commandEverywhere(key("n", { ctrlKey: true }))).toBeNull();
});

it("repeats moves only while a key is held down", () => {
  expect(command(key("j", { repeat: true }))).toEqual({ kind: "move", step: 1 });
  expect(command(key("PageDown", { repeat: true }))).toEqual({ kind: "page", step: 1 });
  expect(command(key("e", { repeat: true }))).toBeNull();
  expect(command(key("1", { repeat: true }))).toBeNull();
  expect(commandEverywhere(key("n", { repeat: true }))).toBeNull();
});

it("says each key once, and in words", () => {
  const keys = BINDINGS.flatMap(({ commands }) => Object.keys(commands));
  expect(new Set(keys).size).toBe(keys.length);
  const words = BINDINGS.map(({ words }) => words);
  expect([new Set(words).size, words.every((each) => each.length > 5)]).toEqual([BINDINGS.length, true]);
});
