// The keyboard: which key means what, in one table that the help is read from too. Knows nothing of how it is carried out.

/** What a key asks for. */
export type Command =
  | { kind: "move"; step: 1 | -1 }
  | { kind: "page"; step: 1 | -1 }
  | { kind: "edge"; to: "first" | "last" }
  | { kind: "open" }
  | { kind: "button"; number: number }
  | { kind: "reply" }
  | { kind: "done" }
  | { kind: "later" }
  | { kind: "undo" }
  | { kind: "search" }
  | { kind: "note" }
  | { kind: "close-check-in" }
  | { kind: "leave" }
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
  getModifierState: (name: string) => boolean;
}

/** As much of a keyboard event as says whether an input method has taken it. */
export interface Composed {
  isComposing: boolean;
  keyCode: number;
}

/** Some keys that belong together, and what they do. */
export interface Binding {
  /** As they stand on the keyboard. */
  names: string[];
  /** What they do, in full. */
  words: string;
  /** The same where there is little room; none for those that only the help lists. */
  short?: string;
  /** What each key asks for, by its name in keyboard events, in lower case. */
  commands: Record<string, Command>;
  /** Goes on while the key is held down. */
  repeats?: true;
  /** Works in every view, not only over the list. */
  everywhere?: true;
}

const BUTTONS = Object.fromEntries(
  Array.from({ length: 9 }, (_, index) => [`${index + 1}`, { kind: "button", number: index + 1 } as const]),
);

/** The whole keyboard, in the order in which it is read. */
export const BINDINGS: Binding[] = [
  {
    names: ["J", "K"],
    words: "Move down and up; the arrow keys do too",
    short: "move",
    repeats: true,
    commands: {
      j: { kind: "move", step: 1 },
      k: { kind: "move", step: -1 },
      arrowdown: { kind: "move", step: 1 },
      arrowup: { kind: "move", step: -1 },
    },
  },
  {
    names: ["PageDown", "PageUp"],
    words: "Move by a screenful",
    repeats: true,
    commands: { pagedown: { kind: "page", step: 1 }, pageup: { kind: "page", step: -1 } },
  },
  {
    names: ["Home", "End"],
    words: "Go to the first and the last",
    commands: { home: { kind: "edge", to: "first" }, end: { kind: "edge", to: "last" } },
  },
  {
    names: ["O"],
    words: "Open it: its default action, or its app if that has quit",
    short: "open",
    commands: { o: { kind: "open" } },
  },
  { names: ["1…9"], words: "Press its buttons", short: "its buttons", commands: BUTTONS },
  { names: ["R"], words: "Reply to it here", short: "reply", commands: { r: { kind: "reply" } } },
  { names: ["E"], words: "Done: it is dealt with", short: "done", commands: { e: { kind: "done" } } },
  {
    names: ["L"],
    words: "Later: put it off to the next check-in",
    short: "later",
    commands: { l: { kind: "later" } },
  },
  {
    names: ["U"],
    words: "Undo the last done, later, release or skip",
    short: "undo",
    commands: { u: { kind: "undo" } },
  },
  { names: ["/"], words: "Search all history", short: "search", commands: { "/": { kind: "search" } } },
  { names: ["C"], words: "Close the check-in", commands: { c: { kind: "close-check-in" } } },
  {
    names: ["N"],
    words: "Note an interruption by hand, in any view",
    short: "note",
    everywhere: true,
    commands: { n: { kind: "note" } },
  },
  {
    names: ["Esc"],
    words: "Leave a field or the search; with neither, close the check-in",
    commands: { escape: { kind: "leave" } },
  },
  {
    names: ["?"],
    words: "Show these keys, in any view",
    short: "all keys",
    everywhere: true,
    commands: { "?": { kind: "keys" }, "؟": { kind: "keys" } },
  },
];

const BY_KEY = new Map(
  BINDINGS.flatMap((binding) =>
    Object.entries(binding.commands).map(([key, command]) => [key, { binding, command }] as const),
  ),
);

/** What this key asks for; null for nothing. Only moving goes on while a key is held down. */
export function command(pressed: Pressed): Command | null {
  const bound = lookUp(pressed);
  return bound && !bound.binding.everywhere ? bound.command : null;
}

/** The same for the keys that work in every view. */
export function commandEverywhere(pressed: Pressed): Command | null {
  const bound = lookUp(pressed);
  return bound?.binding.everywhere ? bound.command : null;
}

function lookUp(pressed: Pressed): { binding: Binding; command: Command } | null {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey || isComposing(pressed)) return null;
  const bound = BY_KEY.get(nameOf(pressed));
  return bound && (bound.binding.repeats || !pressed.repeat) ? bound : null;
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
  if (BY_KEY.has(typed) || OF_THE_TABLE.test(typed) || pressed.getModifierState("AltGraph")) return typed;
  return digit(pressed) ?? letterByPlace(pressed) ?? typed;
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

const SCROLLING = new Set(["move", "page", "edge"]);

/**
 * Whether a key that was pressed in this place is meant for it, and not for the list: fields and open dialogs keep all
 * keys, and a text that scrolls by itself keeps those that scroll.
 */
export function belongsThere(target: EventTarget | null, wanted: Command): boolean {
  if (document.querySelector("dialog[open]")) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest("input:not([type=radio]), textarea, [contenteditable]")) return true;
  return SCROLLING.has(wanted.kind) && target.closest("[data-scrolls], input[type=radio]") !== null;
}
