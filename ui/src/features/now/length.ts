// The lengths of a block that the window offers.
import type { BlockLength } from "../../lib/contract";

/** The longest intention that the daemon takes, in characters. */
export const LONGEST_INTENTION = 200;

/** An offered length. */
export type LengthName = "25" | "50" | "90" | "until-check-in" | "open";

/** What to ask of the daemon; without a check-in, until one is until it is ended by hand. */
export function lengthOf(name: LengthName, hasCheckIn: boolean): BlockLength {
  switch (name) {
    case "until-check-in":
      return hasCheckIn ? { kind: "until-check-in" } : { kind: "open" };
    case "open":
      return { kind: "open" };
    default:
      return { kind: "minutes", minutes: Number(name) };
  }
}
