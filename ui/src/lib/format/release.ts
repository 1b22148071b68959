// How long a release takes to be shown, in words. Pure: the daemon sets its pace.
import { say } from "../words/say";
import { shortStretch } from "./time";

/** How far apart the daemon has them shown, in milliseconds. */
const APART = 250;
/** How many are on the screen at most: from then on each waits for one to go. */
const AT_ONCE = 15;

/** "within 2 s": how long so many take, as far as it depends on the daemon. */
export function releaseTime(count: number): string {
  if (count <= 1) return say("held-pace-at-once");
  const seconds = Math.ceil((count * APART) / 1_000);
  const length = seconds < 10 ? say("held-pace-seconds", { seconds }) : shortStretch(seconds * 1_000);
  return count <= AT_ONCE
    ? say("held-pace-within", { length })
    : say("held-pace-slow", { most: AT_ONCE, length });
}
