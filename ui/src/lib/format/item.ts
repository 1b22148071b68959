// What an interruption offers, and what became of it. Pure: nothing is drawn here.
import type { Item } from "../contract";

/** Whether its app could hear anything: only then does it matter that the app is there. */
export function hasButtons(item: Item): boolean {
  return !item.noted && (item.has_default || item.actions.length > 0 || item.inline_reply !== null);
}

/** Why a press reaches nobody. */
export function deafness(item: Item): string {
  return item.script_went_on ? "script went on" : "app gone";
}

/** Where it is, in a word or two. */
export function stateWord(item: Item): string {
  return item.state === "held" && item.later ? "held for later" : item.state;
}
