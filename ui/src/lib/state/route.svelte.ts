// Which view the address names. Knows nothing of what the views show.

/** The views there are, by the address's name and in the order in which they are offered. */
export const VIEWS = ["now", "held", "settings"] as const;

/** A view. */
export type ViewName = (typeof VIEWS)[number];

/** The address's view, read again whenever it changes. */
export class Route {
  view = $state<ViewName>(named(location.hash));
  /** What in the view is meant, such as an app in the settings; empty for all of it. */
  part = $state(partOf(location.hash));

  /** Reads the address. */
  read(): void {
    this.view = named(location.hash);
    this.part = partOf(location.hash);
  }
}

/** Goes to a view. */
export function goTo(view: ViewName): void {
  location.hash = view;
}

/** The address of a part of the settings: what is searched for there. */
export function settingsOf(part: string): string {
  return `#settings/${encodeURIComponent(part)}`;
}

function named(hash: string): ViewName {
  const [name = ""] = hash.slice(1).split("/", 1);
  return VIEWS.find((view) => view === name) ?? "now";
}

function partOf(hash: string): string {
  const start = hash.indexOf("/");
  return start < 0 ? "" : decoded(hash.slice(start + 1));
}

/** As it stands, where it is none of ours. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
