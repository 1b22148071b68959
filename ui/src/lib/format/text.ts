// Text from outside, made fit to be shown: bounded, and never cut inside a character. It is only ever text.
import { LANGUAGE } from "../words/say";

/** Turn the text after them around; each text has the direction of its own first letter instead. */
const REORDERING = /[\u202a-\u202e\u2066-\u2069]/gu;

/** The first `limit` UTF-16 units, with an ellipsis where something was cut, and nothing in them turned around. */
export function clip(text: string, limit: number): string {
  const kept = text.replace(REORDERING, "");
  if (kept.length <= limit) return kept;
  const end = isHighSurrogate(kept.charCodeAt(limit - 1)) ? limit - 1 : limit;
  return `${kept.slice(0, end)}…`;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** One line: every run of white space is one space. */
export function oneLine(text: string, limit: number): string {
  return clip(
    clip(text, 4 * limit)
      .replace(/\s+/gu, " ")
      .trim(),
    limit,
  );
}

/** A name on one line: without marks of direction, which would turn the words beside it around. */
export function named(text: string, limit: number): string {
  return oneLine(clip(text, 4 * limit).replace(/[\u061c\u200e\u200f]/gu, ""), limit);
}

/** What the daemon marks as a command for a terminal, in the quotation marks that the window has. */
export function quoted(words: string): string {
  return words.replace(/`([^`]*)`/gu, "“$1”");
}

/** With a capital letter, as a sentence begins. */
export function capital(words: string): string {
  return words.charAt(0).toLocaleUpperCase(LANGUAGE) + words.slice(1);
}

/** What an icon without a picture says: the first letter, digit or emoji of the name. */
export function initial(name: string): string {
  const start = /[\p{L}\p{N}\p{Extended_Pictographic}]/u.exec(name.slice(0, 200));
  return start ? start[0].toLocaleUpperCase("en") : "?";
}

/** How many colours `hue` chooses from. */
export const HUES = 6;

/** The same colour for the same app, always: 0 to HUES − 1. */
export function hue(appId: string): number {
  // FNV-1a, folded: its low bits alone are too regular for a handful of colours.
  let hash = 0x811c9dc5;
  for (const unit of appId.slice(0, 200)) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES;
}
