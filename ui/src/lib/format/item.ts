// What an interruption offers, and what became of it. Pure: nothing is drawn here.
import type { Item } from "../contract";

/** How long the daemon takes *done* back, in milliseconds. */
export const UNDO = 30_000;

/** Whether its app could hear anything: only then does it matter that the app is there. */
export function hasButtons(item: Item): boolean {
  return !item.noted && (item.has_default || item.actions.length > 0 || item.inline_reply !== null);
}

/** Why a press reaches nobody. */
export function deafness(item: Item): string {
  return item.script_went_on ? "script went on" : "app gone";
}

/** What its app claims of it, where that is not the usual; nothing otherwise. */
export function urgencyWord({ urgency }: Item): string {
  return ["low", "", "critical"][urgency] ?? "";
}

/** Where it is, in a word or two. */
export function stateWord(item: Item): string {
  return item.state === "held" && item.later ? "held for later" : item.state;
}
