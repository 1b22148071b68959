// What an interruption offers. Pure: nothing is drawn here.
import type { Item } from "../contract";

/** Whether its app could hear anything: only then does it matter that the app is there. */
export function hasButtons(item: Item): boolean {
  return item.has_default || item.actions.length > 0 || item.inline_reply !== null;
}
