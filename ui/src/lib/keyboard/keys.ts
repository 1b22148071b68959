// The keyboard: which key means what, in one table that the help is read from too. Knows nothing of how it is carried out.
import type { ViewName } from "../state/route.svelte";
import type { PlainId } from "../words/say";

/** What a key asks for. */
export type Command =
  | { kind: "move"; step: 1 | -1 }
  | { kind: "page"; step: 1 | -1 }
  | { kind: "app"; step: 1 | -1 }
  | { kind: "edge"; to: "first" | "last" }
  | { kind: "open" }
  | { kind: "button"; number: number }
  | { kind: "reply" }
  | { kind: "done" }
  | { kind: "later" }
  | { kind: "snooze" }
  | { kind: "release" }
  | { kind: "conversation"; deed: "done" | "later" }
  | { kind: "undo" }
  | { kind: "search" }
  | { kind: "note" }
  | { kind: "check-in" }
  | { kind: "skip" }
  | { kind: "close-check-in" }
  | { kind: "leave" }
  | { kind: "enter" }
  | { kind: "go"; view: ViewName }
  | { kind: "zoom"; step: 1 | 0 | -1 }
  | { kind: "close-window" }
  | { kind: "keys" };

/** As much of a keyboard event as decides it. */
export interface Pressed extends Composed {
  key: string;
  code: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  repeat: boolean;
  /** When it was pressed, in milliseconds from any beginning. */
  timeStamp: number;
  getModifierState: (name: string) => boolean;
}

/** As much of a keyboard event as says whether an input method has taken it. */
export interface Composed {
  isComposing: boolean;
  keyCode: number;
}

/** Where a key works: in the list and beside it, on the page but not in a field, or whatever has the focus. */
export type Reach = "list" | "page" | "window";

/** Some keys that belong together, and what they do. */
export interface Binding {
  /** As they stand on the keyboard. */
  names: string[];
  /** What says what they do, in full. */
  words: PlainId;
  /** The same where there is little room; none for those that only the help lists. */
  short?: PlainId;
  /**
   * What each key asks for, by its name in keyboard events, in lower case: "ctrl+" and "shift+" before it, and "g " where
   * G is pressed first. Empty where the page's order of focus answers to them.
   */
  commands: Record<string, Command>;
  reach: Reach;
  /** Goes on while the key is held down. */
  repeats?: true;
}

/** A key that means something, and where. */
export interface Bound {
  command: Command;
  reach: Reach;
}

const BUTTONS = Object.fromEntries(
  Array.from({ length: 9 }, (_, index) => [`${index + 1}`, { kind: "button", number: index + 1 } as const]),
);

/** The whole keyboard, in the order in which it is read. */
export const BINDINGS: Binding[] = [
  {
    names: ["J", "K"],
    words: "window-key-move",
    short: "window-key-move.short",
    reach: "list",
    repeats: true,
    commands: {
      j: { kind: "move", step: 1 },
      k: { kind: "move", step: -1 },
      arrowdown: { kind: "move", step: 1 },
      arrowup: { kind: "move", step: -1 },
    },
  },
  {
    names: ["Shift+J", "Shift+K"],
    words: "window-key-app",
    reach: "list",
    repeats: true,
    commands: { "shift+j": { kind: "app", step: 1 }, "shift+k": { kind: "app", step: -1 } },
  },
  {
    names: ["PageDown", "PageUp"],
    words: "window-key-page",
    reach: "list",
    repeats: true,
    commands: { pagedown: { kind: "page", step: 1 }, pageup: { kind: "page", step: -1 } },
  },
  {
    names: ["Home", "End"],
    words: "window-key-edge",
    reach: "list",
    commands: { home: { kind: "edge", to: "first" }, end: { kind: "edge", to: "last" } },
  },
  {
    names: ["Enter"],
    words: "window-key-enter",
    reach: "list",
    commands: { enter: { kind: "enter" } },
  },
  {
    names: ["Shift+Tab", "←", "→"],
    words: "window-key-buttons-of-app",
    reach: "list",
    commands: {},
  },
  {
    names: ["O"],
    words: "window-key-open",
    short: "window-key-open.short",
    reach: "list",
    commands: { o: { kind: "open" } },
  },
  {
    names: ["1…9"],
    words: "window-key-press",
    short: "window-key-press.short",
    reach: "list",
    commands: BUTTONS,
  },
  {
    names: ["R"],
    words: "window-key-reply",
    short: "window-key-reply.short",
    reach: "list",
    commands: { r: { kind: "reply" } },
  },
  {
    names: ["E"],
    words: "window-key-done",
    short: "window-key-done.short",
    reach: "list",
    commands: { e: { kind: "done" } },
  },
  {
    names: ["L"],
    words: "window-key-later",
    short: "window-key-later.short",
    reach: "list",
    commands: { l: { kind: "later" } },
  },
  {
    names: ["Z"],
    words: "window-key-snooze",
    short: "window-key-snooze.short",
    reach: "list",
    commands: { z: { kind: "snooze" } },
  },
  {
    names: ["Shift+E", "Shift+L"],
    words: "window-key-conversation",
    reach: "list",
    commands: {
      "shift+e": { kind: "conversation", deed: "done" },
      "shift+l": { kind: "conversation", deed: "later" },
    },
  },
  {
    names: ["D"],
    words: "window-key-release",
    reach: "list",
    commands: { d: { kind: "release" } },
  },
  {
    names: ["U", "Ctrl+Z"],
    words: "window-key-undo",
    short: "window-key-undo.short",
    reach: "list",
    commands: { u: { kind: "undo" }, "ctrl+z": { kind: "undo" } },
  },
  {
    names: ["/", "Ctrl+F"],
    words: "window-key-search",
    short: "window-key-search.short",
    reach: "list",
    commands: { "/": { kind: "search" }, "ctrl+f": { kind: "search" } },
  },
  { names: ["I"], words: "window-key-check-in", reach: "list", commands: { i: { kind: "check-in" } } },
  {
    names: ["S"],
    words: "window-key-skip",
    reach: "list",
    commands: { s: { kind: "skip" } },
  },
  {
    names: ["C"],
    words: "window-key-close-check-in",
    reach: "list",
    commands: { c: { kind: "close-check-in" } },
  },
  {
    names: ["N", "Ctrl+N"],
    words: "window-key-note",
    short: "window-key-note.short",
    reach: "list",
    commands: { n: { kind: "note" }, "ctrl+n": { kind: "note" } },
  },
  {
    names: ["Esc"],
    words: "window-key-leave",
    reach: "list",
    commands: { escape: { kind: "leave" } },
  },
  {
    names: ["G N", "Ctrl+1"],
    words: "window-key-now",
    reach: "page",
    commands: { "g n": { kind: "go", view: "now" }, "ctrl+1": { kind: "go", view: "now" } },
  },
  {
    names: ["G H", "Ctrl+2"],
    words: "window-key-held",
    reach: "page",
    commands: { "g h": { kind: "go", view: "held" }, "ctrl+2": { kind: "go", view: "held" } },
  },
  {
    names: ["G S", "Ctrl+3"],
    words: "window-key-settings",
    reach: "page",
    commands: {
      "g s": { kind: "go", view: "settings" },
      "ctrl+3": { kind: "go", view: "settings" },
      "ctrl+,": { kind: "go", view: "settings" },
    },
  },
  {
    names: ["Ctrl++", "Ctrl+−", "Ctrl+0"],
    words: "window-key-zoom",
    reach: "window",
    repeats: true,
    commands: {
      "ctrl++": { kind: "zoom", step: 1 },
      "ctrl+=": { kind: "zoom", step: 1 },
      "ctrl+-": { kind: "zoom", step: -1 },
      "ctrl+0": { kind: "zoom", step: 0 },
    },
  },
  {
    names: ["Ctrl+W", "Ctrl+Q"],
    words: "window-key-close-window",
    reach: "window",
    commands: { "ctrl+w": { kind: "close-window" }, "ctrl+q": { kind: "close-window" } },
  },
  {
    names: ["?"],
    words: "window-key-keys",
    short: "window-key-keys.short",
    reach: "page",
    commands: { "?": { kind: "keys" }, "؟": { kind: "keys" } },
  },
];

/** With Ctrl a key is never text, so that it works whatever has the focus. */
const reachOf = (key: string, reach: Reach): Reach => (key.startsWith("ctrl+") ? "window" : reach);

const BY_KEY = new Map(
  BINDINGS.flatMap(({ commands, reach, repeats = false }) =>
    Object.entries(commands).map(
      ([key, command]) => [key, { command, reach: reachOf(key, reach), repeats }] as const,
    ),
  ),
);

/** The letter that stands before another one. */
const FIRST = "g";
/** How soon the other one must follow, in milliseconds. */
const SOON = 1_500;

/** Keys that only change what others mean. */
const MODIFIERS = new Set(["Shift", "Control", "AltGraph", "CapsLock"]);

/** Reads keys as they are pressed, one after the other. */
export class KeyReader {
  #firstAt = -Infinity;

  /** What this key asks for; null for nothing. Only moving goes on while a key is held down. */
  read(pressed: Pressed): Bound | null {
    if (pressed.altKey || pressed.metaKey || isComposing(pressed) || MODIFIERS.has(pressed.key)) return null;
    const name = nameOf(pressed);
    const isSecond = pressed.timeStamp - this.#firstAt < SOON;
    this.#firstAt = !isSecond && name === FIRST ? pressed.timeStamp : -Infinity;
    const bound = BY_KEY.get(isSecond ? `${FIRST} ${name}` : name);
    return bound && (bound.repeats || !pressed.repeat) ? bound : null;
  }
}

/** What an input method answers to, the key that begins or ends a composition among it: WebKit tells that by 229 alone. */
const TAKEN_BY_INPUT_METHOD = 229;

/** Whether a key belongs to a text that an input method is putting together, and so to nothing else. */
export function isComposing(pressed: Composed): boolean {
  return pressed.isComposing || pressed.keyCode === TAKEN_BY_INPUT_METHOD;
}

const OF_THE_TABLE = /^[a-z]$/;
const OF_ANOTHER_SCRIPT = /^(?!.*\p{Script=Latin})[\p{L}\p{M}]+$/u;
const DIGIT = /^\p{Nd}$/u;
const LETTER_KEY = /^Key([A-Z])$/;
const DIGIT_KEY = /^Digit([1-9])$/;

/**
 * A key by its name in the table. What it types decides, since that is what stands on it; but where it types what no
 * binding can name, it is known by its place: letters of another script, and the signs that some layouts have on the keys
 * of the digits. AltGr always types something, so that its place means nothing.
 */
function nameOf(pressed: Pressed): string {
  const typed = pressed.key.toLowerCase();
  if (pressed.ctrlKey)
    return `${pressed.shiftKey && OF_THE_TABLE.test(typed) ? "shift+" : ""}ctrl+${withCtrl(pressed, typed)}`;
  const name = plainName(pressed, typed);
  return pressed.shiftKey && BY_KEY.has(`shift+${name}`) ? `shift+${name}` : name;
}

function plainName(pressed: Pressed, typed: string): string {
  if (BY_KEY.has(typed) || OF_THE_TABLE.test(typed) || pressed.getModifierState("AltGraph")) return typed;
  return digit(pressed) ?? letterByPlace(pressed) ?? typed;
}

/** With Ctrl the key of a digit is meant by its place: no layout types anything else with it. */
function withCtrl(pressed: Pressed, typed: string): string {
  if (BY_KEY.has(`ctrl+${typed}`)) return typed;
  return /^(?:Digit|Numpad)([0-9])$/.exec(pressed.code)?.[1] ?? letterByPlace(pressed) ?? typed;
}

/** A digit in whatever script, or the key of one that types another sign. With Shift such a key types digits only. */
function digit({ key, code, shiftKey }: Pressed): string | null {
  if (DIGIT.test(key)) return `${valueOf(key)}`;
  if (shiftKey || [...key].length !== 1) return null;
  return DIGIT_KEY.exec(code)?.[1] ?? null;
}

/** Unicode keeps each script's digits in a row, from its zero. */
function valueOf(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && DIGIT.test(String.fromCodePoint(point - value - 1))) value += 1;
  return value;
}

function letterByPlace({ key, code, shiftKey }: Pressed): string | null {
  if (!OF_ANOTHER_SCRIPT.test(key)) return null;
  if (code === "Slash") return shiftKey ? "?" : "/";
  return LETTER_KEY.exec(code)?.[1]?.toLowerCase() ?? null;
}

const SCROLLING = new Set<Command["kind"]>(["move", "page", "edge"]);
/** What works over an open dialog too. */
const OVER_DIALOGS = new Set<Command["kind"]>(["zoom", "close-window"]);
const FIELD = "input:not([type=radio]), textarea, [contenteditable]";

/** Whether what is typed here is text. */
export function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(FIELD) !== null;
}

/**
 * Whether a key that was pressed in this place reaches its command. Fields and open dialogs keep what is typed into them, a
 * text that scrolls by itself keeps what scrolls, and a letter is a command only where the list is worked on.
 */
export function reaches({ command, reach }: Bound, target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return OVER_DIALOGS.has(command.kind);
  if (!(target instanceof Element)) return reach !== "list";
  if (isField(target)) return reach === "window" && command.kind !== "undo";
  if (reach !== "list") return true;
  if (command.kind === "enter") return target.closest("[role=listbox]") !== null;
  if (SCROLLING.has(command.kind) && target.closest("[data-scrolls]")) return false;
  return target === document.body || target.closest("[data-keys]") !== null;
}
