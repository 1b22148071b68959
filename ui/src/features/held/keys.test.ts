// Which key asks for what.
import { expect, it } from "vitest";
import { command, type Pressed } from "./keys";

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
  ["o", { kind: "open" }],
  ["1", { kind: "button", number: 1 }],
  ["9", { kind: "button", number: 9 }],
  ["r", { kind: "reply" }],
  ["E", { kind: "done" }],
  ["u", { kind: "undo" }],
  ["0", null],
  ["x", null],
  ["constructor", null],
])("%s", (name, expected) => {
  expect(command(key(name))).toEqual(expected);
});

it("leaves the browser's own shortcuts alone", () => {
  expect(command(key("r", { ctrlKey: true }))).toBeNull();
  expect(command(key("e", { altKey: true }))).toBeNull();
  expect(command(key("j", { metaKey: true }))).toBeNull();
});

it("repeats moves only while a key is held down", () => {
  expect(command(key("j", { repeat: true }))).toEqual({ kind: "move", step: 1 });
  expect(command(key("e", { repeat: true }))).toBeNull();
  expect(command(key("1", { repeat: true }))).toBeNull();
});
