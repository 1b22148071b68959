// Pictures of apps and interruptions, which the shell serves by an address of its own. What is known of an address is
// remembered, so that scrolling does not ask for a missing one again.

/** The side that an icon is asked for with, in pixels: twice what is drawn, for dense screens. */
export const ICON_SIDE = 64;
/** The largest side that the shell gives, in pixels. */
const LARGEST_SIDE = 512;
/** How many addresses are remembered. */
const REMEMBERED = 5_000;

const known = new Map<string, boolean>();

/** The address of an interruption's own picture. */
export function rowPicture(seq: number): string {
  return `picture://localhost/row/${seq}?size=${ICON_SIDE}`;
}

/** The address of the same picture, as large as it can be had. */
export function largePicture(seq: number): string {
  return `picture://localhost/row/${seq}?size=${LARGEST_SIDE}`;
}

/** The address of an app's picture. */
export function appPicture(appId: string): string {
  return `picture://localhost/app/${encodeURIComponent(wellFormed(appId))}?size=${ICON_SIDE}`;
}

/** Whether there is a picture at this address; null if nobody has looked yet. */
export function hasPicture(address: string): boolean | null {
  return known.get(address) ?? null;
}

/** Remembers whether there is a picture at this address. */
export function rememberPicture(address: string, there: boolean): void {
  if (known.size >= REMEMBERED) known.clear();
  known.set(address, there);
}

/** Half a character, which an app may send, cannot be written into an address. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}
