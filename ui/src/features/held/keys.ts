// The keyboard of the held list: which key means what. Knows nothing of how it is carried out.

/** What a key asks for. */
export type Command =
  | { kind: "move"; step: 1 | -1 }
  | { kind: "open" }
  | { kind: "button"; number: number }
  | { kind: "reply" }
  | { kind: "done" }
  | { kind: "undo" };

/** As much of a keyboard event as decides it. */
export interface Pressed {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  repeat: boolean;
}

const MOVES = new Map<string, 1 | -1>([
  ["j", 1],
  ["arrowdown", 1],
  ["k", -1],
  ["arrowup", -1],
]);
const COMMANDS = new Map<string, Command>([
  ["o", { kind: "open" }],
  ["r", { kind: "reply" }],
  ["e", { kind: "done" }],
  ["u", { kind: "undo" }],
]);

/** What this key asks for; null for nothing. Only moving repeats while a key is held down. */
export function command(pressed: Pressed): Command | null {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return null;
  const key = pressed.key.toLowerCase();
  const step = MOVES.get(key);
  if (step) return { kind: "move", step };
  if (pressed.repeat) return null;
  if (/^[1-9]$/.test(key)) return { kind: "button", number: Number(key) };
  return COMMANDS.get(key) ?? null;
}
