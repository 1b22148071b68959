// Which clock and digits the user reads, found without trusting the host's locale. Knows nothing of what is formatted.
import { say } from "../words/say";

/** Dates in sentences are in the language of the words around them; only 12 or 24 hours follow the user. */
const WORDS = say("window-dates");

/** What the user's desktop speaks; unknown outside of a page, as in tests. */
export function userLanguage(): string | undefined {
  return typeof document === "undefined" ? undefined : navigator.language;
}

/**
 * Whether this locale writes 24 hours. Under LANG=C WebKit calls the language "C", for which
 * Intl throws: then 24.
 */
export function writes24Hours(language: string | undefined): boolean {
  if (!language || /^(c|posix)$/i.test(language)) return true;
  try {
    const { hourCycle } = new Intl.DateTimeFormat(language, { hour: "numeric" }).resolvedOptions();
    return hourCycle !== "h12" && hourCycle !== "h11";
  } catch {
    return true;
  }
}

/** A formatter for `zone`, an IANA name; for a name that this engine does not know, the system's zone. */
export function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(WORDS, { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(WORDS, options);
  }
}

/** "power, alarms and calendar reminders". */
export function listed(words: string[]): string {
  return new Intl.ListFormat(WORDS, { type: "conjunction" }).format(words);
}
