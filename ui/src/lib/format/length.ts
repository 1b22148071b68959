// The lengths of a block that the window offers.
import type { BlockLength } from "../contract";

/** The longest intention that the daemon takes, in characters. */
export const LONGEST_INTENTION = 200;

/** The longest block that the daemon takes, in minutes. */
export const LONGEST_BLOCK = 1_440;

/** An offered length; "own" is typed. */
export type LengthName = "25" | "50" | "90" | "until-check-in" | "open" | "own";

const OFFERED: LengthName[] = ["25", "50", "90"];

/** What a length is offered as, and its minutes where it is one's own. */
export function offered(length: BlockLength): { name: LengthName; own: string } {
  if (length.kind !== "minutes") return { name: length.kind === "open" ? "open" : "until-check-in", own: "" };
  const minutes = String(length.minutes);
  const name = OFFERED.find((each) => each === minutes);
  return name ? { name, own: "" } : { name: "own", own: minutes };
}

/** What to ask of the daemon; null where the own length is none. Without a check-in until which, the usual length. */
export function lengthOf(name: LengthName, own: string, hasCheckIn: boolean): BlockLength | null {
  switch (name) {
    case "until-check-in":
      return hasCheckIn ? { kind: "until-check-in" } : { kind: "usual" };
    case "open":
      return { kind: "open" };
    case "own": {
      const minutes = Number(own);
      const fits = Number.isInteger(minutes) && minutes >= 1 && minutes <= LONGEST_BLOCK;
      return fits ? { kind: "minutes", minutes } : null;
    }
    default:
      return { kind: "minutes", minutes: Number(name) };
  }
}

/** A length as sentences take it: its kind, and the minutes where it is so many. */
export function lengthArgs(length: BlockLength): {
  length: "minutes" | "until-check-in" | "open";
  minutes: number;
} {
  if (length.kind === "minutes") return { length: "minutes", minutes: length.minutes };
  return { length: length.kind === "until-check-in" ? "until-check-in" : "open", minutes: 0 };
}
