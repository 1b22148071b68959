// What passes a closed gate by kind, as the settings have it. Pure: nothing is drawn here.
import type { Setting } from "../contract";
import { say } from "../words/say";
import { listed } from "./locale";
import { named } from "./text";

/** The settings that are about it. */
export const SECTION = "safe-list";
/** The most kinds that are named in one sentence. */
const MOST = 6;

/** The kind of programs that a setting is about. */
export function kindOf({ key }: Setting): string {
  return named(key.slice(SECTION.length + 1), 60);
}

/** The programs of a kind. */
export function programsOf({ value }: Setting): string[] {
  return value === "none" ? [] : value.split(",");
}

/** "power, alarms and calendar reminders": the kinds of which a program passes; nothing where none does. */
export function passing(kinds: Setting[]): string {
  const all = kinds.filter((kind) => programsOf(kind).length > 0).map(kindOf);
  const left = all.slice(MOST).length;
  return listed(left === 0 ? all : [...all.slice(0, MOST), say("now-more-kinds", { count: left })]);
}
