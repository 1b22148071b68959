// Ends a check-in. Knows nothing of what it dealt with.
import type { Gate } from "../../lib/state/gate.svelte";
import { goTo } from "../../lib/state/route.svelte";

/** Closes the check-in, if there is one, and goes to where the user is told what they were at. */
export async function closeCheckIn(gate: Gate): Promise<void> {
  if (!gate.view?.checking_in) return;
  if (await gate.ask({ verb: "close-check-in" })) goTo("now");
}
