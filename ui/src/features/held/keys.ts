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
export interface Pressed {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  repeat: boolean;
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
    commands: { "?": { kind: "keys" } },
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
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return null;
  const bound = BY_KEY.get(pressed.key.toLowerCase());
  return bound && (bound.binding.repeats || !pressed.repeat) ? bound : null;
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
