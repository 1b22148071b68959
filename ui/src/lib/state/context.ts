// How components reach the page's state: one of each, set by the page itself.
import { createContext } from "svelte";
import type { TimeStyle } from "../format/time";
import type { CheckIn } from "./checkIn.svelte";
import type { Gate } from "./gate.svelte";
import type { Held } from "./held.svelte";
import type { Overlay } from "./overlay.svelte";
import type { Search } from "./search.svelte";
import type { Settings } from "./settings.svelte";
import type { Withdrawn } from "./withdrawn.svelte";

/** What every part of the page may read. */
export interface Desk {
  readonly gate: Gate;
  readonly checkIn: CheckIn;
  readonly held: Held;
  readonly search: Search;
  readonly withdrawn: Withdrawn;
  readonly settings: Settings;
  readonly overlay: Overlay;
  /** How instants are written; follows the daemon's zone. */
  readonly style: TimeStyle;
}

export const [useDesk, setDesk] = createContext<Desk>();
