// Until when one is snoozed, as people type it: how long, or a time of today. Pure: nothing here reads a clock.
import type { SnoozeEnd } from "../contract";
import { say } from "../words/say";

/** The longest snooze that the daemon takes, in minutes. */
const LONGEST = 1_440;

const LENGTH = /^(?:(\d{1,2}) ?h(?:ours?)?)? ?(?:(\d{1,4}) ?(?:m|min|minutes?)?)?$/;
const TIME = /^(?:(?:until )?(\d{1,2}):(\d{2})|until (\d{1,2}))$/;

/**
 * "20", "20 min", "1h30", "16:30" or "until 16:30"; for what is none of these, a line that says what to type instead.
 * `hourOfDay` is what the clock on the wall shows now: 10.5 at half past ten.
 */
export function snoozeEnd(typed: string, hourOfDay: number): SnoozeEnd | string {
  const words = typed.trim().toLowerCase().replace(/\s+/gu, " ");
  const time = timeOf(words);
  if (time === null) {
    const minutes = minutesOf(words);
    return minutes === null ? isNone(typed) : { kind: "minutes", minutes };
  }
  if (time.hour + time.minute / 60 > hourOfDay) return { kind: "time", ...time };
  return say("held-snooze-past", { time: words.replace(/^until /, "") });
}

function isNone(typed: string): string {
  const words = typed.trim();
  return words === "" ? say("held-snooze-nothing") : say("held-snooze-unknown", { typed: words });
}

function minutesOf(words: string): number | null {
  const [, hours = "0", minutes = "0"] = LENGTH.exec(words) ?? [];
  const all = Number(hours) * 60 + Number(minutes);
  return all >= 1 && all <= LONGEST ? all : null;
}

function timeOf(words: string): { hour: number; minute: number } | null {
  const [, clockHour, clockMinute, fullHour] = TIME.exec(words) ?? [];
  const [hour, minute] = [Number(clockHour ?? fullHour), Number(clockMinute ?? 0)];
  return hour <= 23 && minute <= 59 ? { hour, minute } : null;
}
