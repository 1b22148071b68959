// The addresses in a text, and where each leads. Pure: nothing is opened here.

/** An address as it stands in the text, and the host that it leads to. */
export interface Link {
  address: string;
  host: string;
}

/** How many are found at most: nobody follows more from one notification. */
const MOST = 8;
/** The longest that is taken for an address, in UTF-16 units. */
const LONGEST = 2_000;
const ADDRESS = /https?:\/\/[^\s<>"'`\p{Cc}\p{Cf}]+/giu;
/** What ends a sentence around an address, not the address. */
const AFTER = /[.,;:!?…)\]}»”’]+$/u;

/** The addresses in this text, each once, in their order. */
export function links(text: string): Link[] {
  const found = new Map<string, Link>();
  for (const [match] of text.matchAll(ADDRESS)) {
    const address = match.replace(AFTER, "");
    const host = hostOf(address);
    if (host !== null && address.length <= LONGEST) found.set(address, { address, host });
    if (found.size === MOST) break;
  }
  return [...found.values()];
}

/** As it is looked up, so that no letter of another script looks like what it is not. */
function hostOf(address: string): string | null {
  try {
    return new URL(address).host;
  } catch {
    return null;
  }
}
