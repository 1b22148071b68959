// The lengths of a block that the window offers.
import type { BlockLength } from "../../lib/contract";

/** The longest intention that the daemon takes, in characters. */
export const LONGEST_INTENTION = 200;

/** An offered length. */
export type LengthName = "25" | "50" | "90" | "until-check-in" | "open";

/** What is asked for where the check-in that a block was to last until is gone, in minutes: as `toggle` does. */
const WITHOUT_CHECK_IN = 50;

/** What to ask of the daemon. */
export function lengthOf(name: LengthName, hasCheckIn: boolean): BlockLength {
  switch (name) {
    case "until-check-in":
      return hasCheckIn ? { kind: "until-check-in" } : { kind: "minutes", minutes: WITHOUT_CHECK_IN };
    case "open":
      return { kind: "open" };
    default:
      return { kind: "minutes", minutes: Number(name) };
  }
}
