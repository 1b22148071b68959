// What the window is called for: by the tray, a launcher's action or another start of the program. Knows nothing of how
// the call comes.
import type { CheckIn } from "./checkIn.svelte";
import type { Overlay } from "./overlay.svelte";
import { goTo } from "./route.svelte";

/** The names that the desktop entry's actions and the program's arguments have. */
const WISHES = ["now", "start", "held", "note", "check-in"] as const;

/** What the window is called for. */
export type Wish = (typeof WISHES)[number];

/** The wish of this name, if there is one. */
export function wishNamed(name: string): Wish | undefined {
  return WISHES.find((known) => known === name);
}

/** Shows what is wished. */
export async function follow(wish: Wish, checkIn: CheckIn, overlay: Overlay): Promise<void> {
  switch (wish) {
    case "now":
    case "start":
      goTo("now");
      return;
    case "held":
      goTo("held");
      return;
    case "note":
      goTo("now");
      overlay.shown = "note";
      return;
    case "check-in":
      goTo("held");
      await checkIn.begin();
  }
}
