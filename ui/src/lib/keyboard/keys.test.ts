// Which key asks for what, and that the table says each once.
import { expect, it } from "vitest";
import { BINDINGS, type Command, KeyReader, type Pressed } from "./keys";

const key = (name: string, change: Partial<Pressed> = {}): Pressed => ({
  key: name,
  code: "",
  keyCode: 0,
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  timeStamp: 0,
  getModifierState: () => false,
  ...change,
});

/** What a key asks for by itself. */
const command = (pressed: Pressed): Command | null => new KeyReader().read(pressed)?.command ?? null;
const reach = (pressed: Pressed) => new KeyReader().read(pressed)?.reach;

/** The same as the browser tells of it: what is typed, on which key, with which modifier. */
const asked = (typed: string, code: string, modifier?: "shift" | "altgr" | "ctrl") =>
  command(
    key(typed, {
      code,
      shiftKey: modifier === "shift",
      ctrlKey: modifier === "ctrl",
      getModifierState: (name) => modifier === "altgr" && name === "AltGraph",
    }),
  );

const move = (step: 1 | -1) => ({ kind: "move", step });
const button = (number: number) => ({ kind: "button", number });
const [open, done, reply, later, snooze] = ["open", "done", "reply", "later", "snooze"].map((kind) => ({
  kind,
}));
const [undo, search, close, note, keys] = ["undo", "search", "close-check-in", "note", "keys"].map(
  (kind) => ({
    kind,
  }),
);

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
  ["z", { kind: "snooze" }],
  ["u", { kind: "undo" }],
  ["/", { kind: "search" }],
  ["c", { kind: "close-check-in" }],
  ["Escape", { kind: "leave" }],
  ["n", { kind: "note" }],
  ["?", { kind: "keys" }],
  ["d", { kind: "release" }],
  ["i", { kind: "check-in" }],
  ["s", { kind: "skip" }],
  ["g", null],
  ["0", null],
  ["x", null],
  ["constructor", null],
])("%s", (name, expected) => {
  expect(command(key(name))).toEqual(expected);
});

it("takes letters as commands over the list alone, and keys with Ctrl everywhere", () => {
  expect([reach(key("n")), reach(key("e")), reach(key("?"))]).toEqual(["list", "list", "page"]);
  expect(["n", "f", "z", "1", "w", "0"].map((name) => reach(key(name, { ctrlKey: true })))).toEqual(
    Array(6).fill("window"),
  );
});

it("reads two letters one soon after the other as one", () => {
  const after = (pause: number, second: string) => {
    const reader = new KeyReader();
    reader.read(key("g"));
    reader.read(key("Shift", { timeStamp: pause }));
    return reader.read(key(second, { timeStamp: pause }))?.command ?? null;
  };
  expect(after(300, "n")).toEqual({ kind: "go", view: "now" });
  expect(after(300, "h")).toEqual({ kind: "go", view: "held" });
  expect(after(300, "s")).toEqual({ kind: "go", view: "settings" });
  expect(after(300, "e")).toBeNull();
  expect(after(2_000, "n")).toEqual({ kind: "note" });
});

it.each([
  ["us", "j", "KeyJ", move(1)],
  ["us", "7", "Digit7", button(7)],
  ["us, keypad", "3", "Numpad3", button(3)],
  ["us, keypad without NumLock", "End", "Numpad1", { kind: "edge", to: "last" }],
  ["ru", "о", "KeyJ", move(1)],
  ["ru", "л", "KeyK", move(-1)],
  ["ru, CapsLock", "Л", "KeyK", move(-1)],
  ["ru", "щ", "KeyO", open],
  ["ru", "у", "KeyE", done],
  ["ru", "к", "KeyR", reply],
  ["ru", "д", "KeyL", later],
  ["ru", "г", "KeyU", undo],
  ["ru", "с", "KeyC", close],
  ["ru", "т", "KeyN", note],
  ["ru", "3", "Digit3", button(3)],
  ["ru", "я", "KeyZ", snooze],
  ["ru", "ч", "KeyX", null],
  ["ru", "б", "Comma", null],
  ["gr", "ξ", "KeyJ", move(1)],
  ["gr", "ο", "KeyO", open],
  ["gr", "θ", "KeyU", undo],
  ["gr", "/", "Slash", search],
  ["he", "ח", "KeyJ", move(1)],
  ["he", "ק", "KeyE", done],
  ["he", "/", "KeyQ", search],
  ["he", "'", "KeyW", null],
  ["ar", "ت", "KeyJ", move(1)],
  ["ar", "ظ", "Slash", search],
  ["ar", "٤", "Digit4", button(4)],
  ["fa", "۹", "Digit9", button(9)],
  ["in", "र", "KeyJ", move(1)],
  ["in", "ा", "KeyE", done],
  ["th", "่", "KeyJ", move(1)],
  ["th", "/", "Digit2", search],
  ["th", "ภ", "Digit4", button(4)],
  ["kr", "ㅓ", "KeyJ", move(1)],
  ["fr", "&", "Digit1", button(1)],
  ["fr", "é", "Digit2", button(2)],
  ["fr, CapsLock", "É", "Digit2", button(2)],
  ["fr", "ç", "Digit9", button(9)],
  ["fr", "à", "Digit0", null],
  ["fr", "q", "KeyA", null],
  ["fr", "!", "Slash", null],
  ["fr", "m", "Semicolon", null],
  ["cz", "ě", "Digit2", button(2)],
  ["bépo", "/", "Digit9", search],
  ["de", "j", "KeyJ", move(1)],
  ["de", "z", "KeyY", snooze],
  ["de", "y", "KeyZ", null],
  ["de", "-", "Slash", null],
  ["dvorak", "j", "KeyC", move(1)],
  ["dvorak", "c", "KeyI", close],
  ["dvorak", "o", "KeyS", open],
  ["dvorak", "s", "Semicolon", { kind: "skip" }],
  ["dvorak", "h", "KeyJ", null],
  ["dvorak", "/", "BracketLeft", search],
  ["us-intl", "Dead", "Quote", null],
  ["a program that types", "x", "Digit3", null],
])("is meant by what stands on the key, or else by its place: %s %s", (_, typed, code, expected) => {
  expect(asked(typed, code)).toEqual(expected);
});

it.each([
  ["us", "?", "Slash", "shift", keys],
  ["us", "!", "Digit1", "shift", null],
  ["us", "K", "KeyK", "shift", { kind: "app", step: -1 }],
  ["us", "E", "KeyE", "shift", { kind: "conversation", deed: "done" }],
  ["us", "O", "KeyO", "shift", open],
  ["ru", "О", "KeyJ", "shift", { kind: "app", step: 1 }],
  ["ru", "/", "Backslash", "shift", search],
  ["ru", "?", "Digit7", "shift", keys],
  ["gr", "?", "Slash", "shift", keys],
  ["he", "?", "Slash", "shift", keys],
  ["ar", "؟", "Slash", "shift", keys],
  ["th", "๑", "Digit2", "shift", button(1)],
  ["fr", "1", "Digit1", "shift", button(1)],
  ["fr", "/", "Period", "shift", search],
  ["fr", "?", "KeyM", "shift", keys],
  ["fr", "€", "KeyE", "altgr", null],
  ["fr", "~", "Digit2", "altgr", null],
  ["de", "/", "Digit7", "shift", search],
  ["de", "?", "Minus", "shift", keys],
  ["de", "µ", "KeyM", "altgr", null],
  ["pl", "ł", "KeyL", "altgr", null],
  ["gr", "ϊ", "KeyJ", "altgr", null],
  ["us", "n", "KeyN", "ctrl", note],
  ["ru", "т", "KeyN", "ctrl", note],
  ["fr", "é", "Digit2", "ctrl", { kind: "go", view: "held" }],
  ["us", "+", "Equal", "ctrl", { kind: "zoom", step: 1 }],
  ["fr", "à", "Digit0", "ctrl", { kind: "zoom", step: 0 }],
  ["us", "e", "KeyE", "ctrl", null],
] as const)("is typed with Shift, AltGr or Ctrl: %s %s", (_, typed, code, modifier, expected) => {
  expect(asked(typed, code, modifier)).toEqual(expected);
});

it("leaves to an input method what it takes, its first and its last key too", () => {
  for (const taken of [{ isComposing: true }, { keyCode: 229 }]) {
    expect(command(key("j", { code: "KeyJ", ...taken }))).toBeNull();
    expect(command(key("Escape", { code: "Escape", ...taken }))).toBeNull();
    expect(command(key("ㅜ", { code: "KeyN", ...taken }))).toBeNull();
  }
});

it("leaves all other shortcuts alone", () => {
  expect(command(key("e", { altKey: true }))).toBeNull();
  expect(command(key("j", { metaKey: true }))).toBeNull();
  expect(command(key("Z", { ctrlKey: true, shiftKey: true }))).toBeNull();
});

it("repeats moves only while a key is held down", () => {
  expect(command(key("j", { repeat: true }))).toEqual({ kind: "move", step: 1 });
  expect(command(key("PageDown", { repeat: true }))).toEqual({ kind: "page", step: 1 });
  expect(command(key("e", { repeat: true }))).toBeNull();
  expect(command(key("1", { repeat: true }))).toBeNull();
  expect(command(key("n", { repeat: true }))).toBeNull();
});

it("says each key once, and in words", () => {
  const keys = BINDINGS.flatMap(({ commands }) => Object.keys(commands));
  expect(new Set(keys).size).toBe(keys.length);
  const words = BINDINGS.map(({ words }) => words);
  expect([new Set(words).size, words.every((each) => each.length > 5)]).toEqual([BINDINGS.length, true]);
});
