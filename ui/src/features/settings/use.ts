// How much an app sends, in words. Pure: nothing is drawn here.

const WEEK = 7 * 24 * 3_600_000;

/** How many a week, of so many in a time; over less than a week, as many as came. */
export function aWeek(count: number, length: number): string {
  const weeks = Math.max(1, length / WEEK);
  const rate = count / weeks;
  if (count > 0 && rate < 0.5) return "under 1";
  return String(Math.round(rate));
}

/** The share that was acted on; nothing of none. */
export function share(acted: number, all: number): string {
  return all === 0 ? "–" : `${Math.round((acted / all) * 100)} %`;
}
