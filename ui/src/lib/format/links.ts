// The addresses in a text, and where each leads. Pure: nothing is opened here.

/** An address as it stands in the text. */
export interface Link {
  address: string;
  /** The host that it leads to, or whom a mail would go to: of a long one the end, by which it is known. */
  where: string;
  isMail: boolean;
}

/** How many are found at most: nobody follows more from one notification. */
const MOST = 8;
/** The longest that is taken for an address, in UTF-16 units. */
const LONGEST = 2_000;
/** How much is said of where one leads, in UTF-16 units. */
const SAID = 100;
/** Of a mail only whom it goes to: what would be written for the person is left out. */
const ADDRESS = /(?:https?:\/\/[^\s<>"'`\p{Cc}\p{Cf}]+|\bmailto:[^\s<>"'`?#\p{Cc}\p{Cf}]+)/giu;
/** What ends a sentence around an address, not the address. */
const AFTER = /[.,;:!?…)\]}»”’]+$/u;

/** The addresses in this text, each once, in their order. */
export function links(text: string): Link[] {
  const found = new Map<string, Link>();
  for (const [match] of text.matchAll(ADDRESS)) {
    const link = linkOf(match.replace(AFTER, ""));
    if (link) found.set(link.address, link);
    if (found.size === MOST) break;
  }
  return [...found.values()];
}

/** As it is looked up, so that no letter of another script looks like what it is not. */
function linkOf(address: string): Link | null {
  if (address.length > LONGEST) return null;
  try {
    const { protocol, host, pathname } = new URL(address);
    const isMail = protocol === "mailto:";
    const isNobody = isMail && (!pathname.includes("@") || /[&%]/.test(pathname));
    return isNobody ? null : { address, where: ending(isMail ? pathname : host), isMail };
  } catch {
    return null;
  }
}

function ending(where: string): string {
  return where.length > SAID ? `…${where.slice(-SAID)}` : where;
}
