// What an interruption offers, and what became of it. Pure: nothing is drawn here.
import type { Category, Item, ItemState } from "../contract";
import { type PlainId, say } from "../words/say";

const STATES: Record<ItemState, PlainId> = {
  held: "held-state-held",
  passed: "held-state-passed",
  withdrawn: "held-state-withdrawn",
  muted: "held-state-muted",
  expired: "held-state-expired",
  released: "held-state-released",
  done: "held-state-done",
};

const CATEGORIES: Record<Category, PlainId> = {
  message: "held-category-message",
  mail: "held-category-mail",
  call: "held-category-call",
  device: "held-category-device",
  transfer: "held-category-transfer",
  network: "held-category-network",
};

/** How long the daemon takes *done* back, in milliseconds. */
export const UNDO = 30_000;

/** Whether its app could hear anything: only then does it matter that the app is there. */
export function hasButtons(item: Item): boolean {
  return !item.noted && (item.has_default || item.actions.length > 0 || item.inline_reply !== null);
}

/** Why a press reaches nobody. */
export function deafness(item: Item): string {
  return item.script_went_on ? say("held-script-went-on") : say("held-app-gone");
}

/** What its app claims of it, where that is not the usual; nothing otherwise. */
export function urgencyWord({ urgency }: Item): string {
  if (urgency === 0) return say("held-urgency-low");
  return urgency === 2 ? say("held-urgency-critical") : "";
}

/** Where it is, in a word or two. */
export function stateWord(item: Item): string {
  return say(item.state === "held" && item.later ? "held-state-later" : STATES[item.state]);
}

/** What it is about, as its app claims. */
export function categoryWord(category: Category): string {
  return say(CATEGORIES[category]);
}
