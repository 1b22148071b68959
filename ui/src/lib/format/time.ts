// Instants and stretches of time in words. Every instant is in milliseconds since the epoch; nothing here reads a clock.
import { say } from "../words/say";
import { formatter, writes24Hours } from "./locale";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How instants are written for this user: in the daemon's zone, on a 12 or 24 hour clock. */
export interface TimeStyle {
  /** "9:58" or "9:58 am". */
  time(at: number): string;
  /** "11:30", "11:30 tomorrow", "11:30 on Monday", "11:30 on 3 Mar". */
  when(at: number, now: number): string;
  /** "Tue 9:58" for another day than today, else "9:58". */
  stamp(at: number, now: number): string;
  /** A full hour for the edge of a chart: "14" or "2 pm". */
  hour(hour: number): string;
  /** Hours since local midnight, as the clock on the wall shows them: 11.5. */
  hourOfDay(at: number): number;
  /** Whether both fall on one local day. */
  sameDay(a: number, b: number): boolean;
}

/** The style for a zone (IANA) and a language tag. */
export function timeStyle(zone: string, language: string | undefined): TimeStyle {
  const hour12 = !writes24Hours(language);
  const clock = formatter(zone, { hour: "numeric", minute: "2-digit", hour12 });
  const wall = formatter(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const date = formatter(zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  const weekday = formatter(zone, { weekday: "long" });
  const shortWeekday = formatter(zone, { weekday: "short" });
  const shortDate = formatter(zone, { day: "numeric", month: "short" });

  const safely = (format: Intl.DateTimeFormat, at: number) => (isInstant(at) ? format.format(at) : "?");
  const sameDay = (a: number, b: number) => safely(date, a) === safely(date, b);
  // No line ends between the time and its half of the day.
  const time = (at: number) =>
    safely(clock, at)
      .replace(/^0(?=\d:)/, "")
      .replace(/\s/u, "\u00a0");
  return {
    time,
    sameDay,
    when(at, now) {
      if (sameDay(at, now)) return time(at);
      if (sameDay(at, now + DAY)) return say("window-when-tomorrow", { time: time(at) });
      const day = Math.abs(at - now) < 6 * DAY ? safely(weekday, at) : safely(shortDate, at);
      return say("window-when-on-day", { time: time(at), day });
    },
    stamp(at, now) {
      if (sameDay(at, now)) return time(at);
      const day = Math.abs(at - now) < 6 * DAY ? safely(shortWeekday, at) : safely(shortDate, at);
      return say("window-stamp-day", { day, time: time(at) });
    },
    hour(hour) {
      if (!hour12) return String(hour);
      return say("window-hour", { hour: hour % 12 || 12, half: hour % 24 < 12 ? "am" : "pm" });
    },
    hourOfDay(at) {
      const [hours, minutes, seconds] = safely(wall, at).split(":").map(Number);
      return (hours ?? 0) + (minutes ?? 0) / 60 + (seconds ?? 0) / 3_600;
    },
  };
}

/** What Date can hold: anything else would make Intl throw. */
function isInstant(at: number): boolean {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15;
}

/** Time left or gone, for a large display: "47:12", from one hour on "1 h 24". Never below zero. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / SECOND));
  if (showsSeconds(milliseconds))
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return say("window-clock", hoursAndMinutes(Math.ceil(milliseconds / MINUTE)));
}

/** Time gone, for a large display: "12 min", from one hour on "1 h 24". */
export function elapsed(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / MINUTE));
  return minutes < 60 ? say("window-minutes", { minutes }) : say("window-clock", hoursAndMinutes(minutes));
}

/** Whether `countdown` changes every second; if not, every minute. */
export function showsSeconds(milliseconds: number): boolean {
  return milliseconds < HOUR;
}

/** A stretch in words: "54 min", "2 h 10 min", "3 days". */
export function stretch(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / MINUTE));
  if (minutes < 1) return say("window-under-a-minute");
  if (minutes < 60) return say("window-minutes", { minutes });
  if (minutes >= 48 * 60) return say("window-days", { days: Math.floor(minutes / (24 * 60)) });
  if (minutes % 60 === 0) return say("window-hours", { hours: minutes / 60 });
  return say("window-hours-minutes", hoursAndMinutes(minutes));
}

/** As `stretch`, of a time still to come: a minute that has begun counts, as it does on a clock without seconds. */
export function ahead(milliseconds: number): string {
  return stretch(Math.ceil(milliseconds / MINUTE) * MINUTE);
}

/** A stretch that may be a very short one: "0.4 s", "12 s", from two minutes on as `stretch`. */
export function shortStretch(milliseconds: number): string {
  if (milliseconds >= 2 * MINUTE) return stretch(milliseconds);
  const seconds = Math.max(0, milliseconds) / SECOND;
  if (seconds < 10) return say("window-tenths", { seconds: Math.floor(seconds * 10) / 10 });
  return say("window-seconds", { seconds: Math.floor(seconds) });
}

function hoursAndMinutes(minutes: number): { hours: number; minutes: number } {
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}
