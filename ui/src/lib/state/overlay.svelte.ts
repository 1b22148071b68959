// Which of the window's own dialogs is asked for. Knows nothing of what they say.

/** A dialog that can be asked for anywhere in the window. */
export type OverlayName = "note" | "keys";

/** The dialog that is open. */
export class Overlay {
  shown = $state<OverlayName | null>(null);
}
