// How much an app sends, in words. Pure: nothing is drawn here.
import { say } from "../../lib/words/say";

const WEEK = 7 * 24 * 3_600_000;

/** How many a week, of so many in a time; over less than a week, as many as came. */
export function aWeek(count: number, length: number): string {
  const weeks = Math.max(1, length / WEEK);
  const rate = count / weeks;
  if (count > 0 && rate < 0.5) return say("settings-apps-under-one");
  return String(Math.round(rate));
}

/** The share that was acted on; nothing of none. */
export function share(acted: number, all: number): string {
  return all === 0 ? "–" : say("settings-apps-share", { percent: Math.round((acted / all) * 100) });
}
