// The order of a list: which rows stand after one another, and which app's they are. Knows neither the rows' texts nor how
// high they are.
import type { Digest, DigestApp } from "../contract";

/** The rows of one app that stand together. */
export interface Group {
  appId: string;
  app: string;
  /** They were put off to the next check-in. */
  later: boolean;
  /** The places of its rows: from here on, up to but without `to`. */
  from: number;
  to: number;
}

/** A list of cursors in the order in which they are shown. */
export interface Order {
  seqs: number[];
  /** 1 at the place of each row that goes on with the conversation of the row before it. */
  follows: Uint8Array;
  groups: Group[];
  /** From this place on stands what was put off. */
  laterFrom: number;
}

/** The order of nothing. */
export const NOTHING: Order = plainOrder([]);

/** Rows without groups, one after the other. */
export function plainOrder(seqs: number[]): Order {
  return { seqs, follows: new Uint8Array(seqs.length), groups: [], laterFrom: seqs.length };
}

/** The order in which apps were first seen: it stays, whatever is dealt with, until nothing is left. */
export class Ranks {
  #ranks = new Map<string, number>();

  /** These apps in that order, new ones last. */
  sort(apps: DigestApp[]): DigestApp[] {
    if (apps.length === 0) this.#ranks.clear();
    for (const { app_id } of apps) if (!this.#ranks.has(app_id)) this.#ranks.set(app_id, this.#ranks.size);
    const rank = ({ app_id }: DigestApp) => this.#ranks.get(app_id) ?? 0;
    return apps.toSorted((a, b) => rank(a) - rank(b));
  }
}

/**
 * A digest as one list: what is there to be dealt with, then what was put off. One pass over its cursors. An app whose
 * oldest was dealt with does not change its place under the eyes: that is what its rank is for.
 */
export function digestOrder(digest: Digest, ranks = new Ranks()): Order {
  const seqs: number[] = [];
  const apps = ranks.sort(digest.apps);
  const isShared = sharedNames(digest);
  const here = apps.map((app) => group(app, isShared(app), false, seqs));
  const laterFrom = seqs.length;
  const later = digest.later.map((app) => group(app, isShared(app), true, seqs));
  const follows = followers([...apps, ...digest.later], seqs.length);
  return { seqs, follows, groups: [...here, ...later], laterFrom };
}

/** Tells whether another app has the same name. */
function sharedNames({ apps, later }: Digest): (app: DigestApp) => boolean {
  const ids = new Map<string, Set<string>>();
  for (const { app, app_id } of [...apps, ...later]) {
    const name = app.toLowerCase();
    ids.set(name, (ids.get(name) ?? new Set()).add(app_id));
  }
  return ({ app }) => (ids.get(app.toLowerCase())?.size ?? 0) > 1;
}

/** The same order without these: a conversation whose first one is gone begins with its next. */
export function without(order: Order, leaving: readonly number[]): Order {
  if (leaving.length === 0) return order;
  const gone = new Set(leaving);
  const seqs: number[] = [];
  const follows: number[] = [];
  /** Of each place of the old order, where what stood there or after it stands now. */
  const moved = new Uint32Array(order.seqs.length + 1);
  let isCut = false;
  for (const [place, seq] of order.seqs.entries()) {
    moved[place] = seqs.length;
    const begins = order.follows[place] !== 1;
    const isGone = gone.has(seq);
    isCut = isGone ? isCut || begins : isCut && !begins;
    if (isGone) continue;
    follows.push(begins || isCut ? 0 : 1);
    seqs.push(seq);
    isCut = false;
  }
  moved[order.seqs.length] = seqs.length;
  const at = (place: number) => moved[place] ?? seqs.length;
  const groups = order.groups.map((each) => ({ ...each, from: at(each.from), to: at(each.to) }));
  return {
    seqs,
    follows: Uint8Array.from(follows),
    groups: groups.filter(({ from, to }) => from < to),
    laterFrom: at(order.laterFrom),
  };
}

/** Whether any of these is in it. */
export function hasAny({ seqs }: Order, wanted: readonly number[]): boolean {
  const any = new Set(wanted);
  return any.size > 0 && seqs.some((seq) => any.has(seq));
}

/** These without those. */
export function except(seqs: readonly number[], gone: readonly number[]): number[] {
  const left = new Set(gone);
  return seqs.filter((seq) => !left.has(seq));
}

/** The places of the conversation that this place belongs to: from the first up to but without the second. */
export function conversationAt({ seqs, follows, groups }: Order, place: number): [number, number] {
  const group = groups.find(({ from, to }) => from <= place && place < to);
  let from = place;
  while (from > 0 && follows[from] === 1) from -= 1;
  let to = place + 1;
  while (to < (group?.to ?? seqs.length) && follows[to] === 1) to += 1;
  return [from, to];
}

/** Adds an app's cursors to the list. One whose name another has too is told apart by its id. */
function group(
  { app_id, app: name, conversations }: DigestApp,
  isShared: boolean,
  later: boolean,
  seqs: number[],
): Group {
  const app = isShared ? `${name} (${app_id})` : name;
  const from = seqs.length;
  for (const conversation of conversations) for (const seq of conversation) seqs.push(seq);
  return { appId: app_id, app, later, from, to: seqs.length };
}

function followers(apps: DigestApp[], length: number): Uint8Array {
  const follows = new Uint8Array(length).fill(1);
  let at = 0;
  for (const { conversations } of apps) {
    for (const conversation of conversations) {
      if (conversation.length > 0) follows[at] = 0;
      at += conversation.length;
    }
  }
  return follows;
}

/**
 * The row to choose once the one at `place` of the old order is gone: the nearest after it that is still there, else the
 * nearest before it. One that was put off meanwhile is not there any more to those who were not among such.
 */
export function neighbour(old: Order, place: number, now: Order): number | null {
  const still = new Set(place < old.laterFrom ? now.seqs.slice(0, now.laterFrom) : now.seqs);
  for (let at = Math.max(place, 0); at < old.seqs.length; at += 1) {
    const seq = old.seqs[at];
    if (seq !== undefined && at !== place && still.has(seq)) return seq;
  }
  for (let at = Math.min(place, old.seqs.length) - 1; at >= 0; at -= 1) {
    const seq = old.seqs[at];
    if (seq !== undefined && still.has(seq)) return seq;
  }
  return now.seqs[0] ?? null;
}
