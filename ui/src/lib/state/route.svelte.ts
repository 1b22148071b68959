// Which view the address names. Knows nothing of what the views show.

/** The views there are. */
export type ViewName = "now" | "held";

/** The address's view, read again whenever it changes. */
export class Route {
  view = $state<ViewName>(named(location.hash));

  /** Reads the address. */
  read(): void {
    this.view = named(location.hash);
  }
}

/** Goes to a view. */
export function goTo(view: ViewName): void {
  location.hash = view;
}

function named(hash: string): ViewName {
  return hash === "#held" ? "held" : "now";
}
