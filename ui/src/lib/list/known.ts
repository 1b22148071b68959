// The rows that are known, as a value: each change gives another one. Knows nothing of how rows are fetched.
import type { Item } from "../contract";

/** How many are kept before those that nobody asked for lately are dropped. */
export const KEPT = 800;

/** A row as last fetched; null for one that is not there any more. */
interface Known {
  item: Item | null;
  /** When it was fetched, in generations. */
  of: number;
}

/** What is known, by cursor. */
export type KnownRows = ReadonlyMap<number, Known>;

/** Nothing is known. */
export const UNKNOWN: KnownRows = new Map();

/** What an answer came to: which were asked for, and which of them there are. */
export interface Answered {
  asked: readonly number[];
  items: readonly Item[];
  generation: number;
}

/** What is known with this answer. If that is too much, only it and what is `wanted` is kept. */
export function withAnswer(before: KnownRows, answer: Answered, wanted: readonly number[]): KnownRows {
  const { asked, items, generation } = answer;
  const known = new Map(before);
  for (const seq of asked) known.set(seq, { item: null, of: generation });
  for (const item of items) known.set(item.seq, { item, of: generation });
  if (known.size > KEPT) dropFar(known, [...wanted, ...asked]);
  return known;
}

function dropFar(known: Map<number, Known>, near: number[]): void {
  const stay = new Set(near);
  for (const seq of known.keys()) if (!stay.has(seq)) known.delete(seq);
}
