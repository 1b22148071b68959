// What the settings are searched for, for the panels that heed it. Knows no setting.
import { createContext } from "svelte";

/** Asks for it, and says it to what is drawn below. */
export const [useWanted, setWanted] = createContext<() => string>();
