// Which view the address names. Knows nothing of what the views show.

/** The views there are, by the address's name and in the order in which they are offered, with their titles. */
export const VIEWS = { now: "Now", held: "Held" } as const;

/** A view. */
export type ViewName = keyof typeof VIEWS;

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
  const name = hash.slice(1);
  return isView(name) ? name : "now";
}

function isView(name: string): name is ViewName {
  return Object.hasOwn(VIEWS, name);
}
