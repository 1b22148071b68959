// Times of a day as the settings write them, and where they lie on a band of the whole day. Pure: nothing is drawn here.

/** Minutes in a day. */
export const DAY = 24 * 60;
/** What moving by one step is, in minutes. */
export const STEP = 15;
/** The most check-ins that a day takes here. */
export const MOST = 12;

/** "11:30,14:00" as minutes of the day, in order; "none" is none. */
export function minutesOf(value: string): number[] {
  return value
    .split(",")
    .map(parse)
    .filter((minutes) => minutes !== null)
    .toSorted((one, other) => one - other);
}

/** Minutes of the day as the settings take them: in order, each once. */
export function valueOf(minutes: number[]): string {
  const once = [...new Set(minutes)].toSorted((one, other) => one - other);
  return once.length === 0 ? "none" : once.map(clock).join(",");
}

/** "9:05" as minutes of the day; null where it is no time of day. */
export function parse(text: string): number | null {
  const [, hours = "", minutes = "00"] = /^(\d{1,2})(?:[:.h](\d{2}))?$/.exec(text.trim()) ?? [];
  if (hours === "" || Number(hours) > 23 || Number(minutes) > 59) return null;
  return Number(hours) * 60 + Number(minutes);
}

/** "09:05". */
export function clock(minutes: number): string {
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** Moved by so many minutes within the day, onto a step's grid where it was on none. */
export function moved(minutes: number, by: number): number {
  const grid = by > 0 ? Math.floor(minutes / STEP) : Math.ceil(minutes / STEP);
  return within((grid + Math.sign(by) * Math.max(1, Math.abs(by) / STEP)) * STEP);
}

/** The time at a place on the band, from 0 to 1, on the grid. */
export function at(place: number): number {
  return within(Math.round((place * DAY) / STEP) * STEP);
}

/** A time for one more: two hours after the last, else at noon. */
export function another(minutes: number[]): number {
  const last = minutes.at(-1);
  if (last === undefined) return 12 * 60;
  for (const next of [last + 120, last + 60, last + STEP]) if (next < DAY) return next;
  return within((minutes[0] ?? 0) - 60);
}

function within(minutes: number): number {
  return Math.min(DAY - STEP, Math.max(0, minutes));
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
