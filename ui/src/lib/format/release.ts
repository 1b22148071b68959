// How long a release takes to be shown, in words. Pure: the daemon sets its pace.
import { shortStretch } from "./time";

/** How far apart the daemon has them shown, in milliseconds. */
const APART = 250;
/** How many are on the screen at most: from then on each waits for one to go. */
const AT_ONCE = 15;

/** "within 2 s": how long so many take, as far as it depends on the daemon. */
export function releaseTime(count: number): string {
  if (count <= 1) return "at once";
  if (count <= AT_ONCE) return `within ${seconds(count)}`;
  const atLeast = seconds(count);
  return `four a second and at most ${AT_ONCE} at a time, which takes ${atLeast} at least`;
}

function seconds(count: number): string {
  return shortStretch(Math.ceil((count * APART) / 1_000) * 1_000).replace(".0 ", "\u00a0");
}
