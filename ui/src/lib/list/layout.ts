// Where each row of a list lies, in pixels from its top. Heights are fixed by kind, so that places are computed, never
// measured, and only what is in sight has to be drawn.
import type { Group, Order } from "./order";

/** The height of a row by itself, or of the first of a conversation. */
export const ROW = 60;
/** The height of a row that goes on with a conversation. */
export const FOLLOWING = 38;
/** The height of an app's heading. */
export const HEADING = 46;
/** The room below the rows under a heading: what comes next does not belong to them. */
export const AFTER = 10;
/** The height of the line above what was put off. */
export const DIVIDER = 44;

/** Rows are drawn in runs of this many, so that most steps of scrolling draw nothing anew. */
const RUN = 8;

/** Where a group lies: its heading at the top, then its rows. */
export interface Section extends Group {
  /** One row says by itself which app it is from. */
  isHeaded: boolean;
  top: number;
  height: number;
}

/** Where everything lies. */
export interface Layout {
  order: Order;
  /** The top of each row. */
  tops: Float64Array;
  sections: Section[];
  /** The top of the line above what was put off; null where nothing was. */
  divider: number | null;
  height: number;
}

/** Places from `from` on, up to but without `to`. */
export interface Span {
  from: number;
  to: number;
}

/** The slot of each row that was drawn, by its cursor. */
export type KeptSlots = ReadonlyMap<number, number>;

/** A row, and how far below the top of the window it lies. */
export interface Anchor {
  seq: number;
  below: number;
  /** It stands among what was put off. */
  later: boolean;
}

/** Lays a list out: one pass over its rows. */
export function layOut(order: Order): Layout {
  const tops = new Float64Array(order.seqs.length);
  const sections: Section[] = [];
  let divider: number | null = null;
  let y = 0;
  const rows = (from: number, to: number) => {
    for (let at = from; at < to; at += 1) {
      tops[at] = y;
      y += heightAt(order, at);
    }
  };
  for (const group of order.groups) {
    if (group.later && divider === null) {
      divider = y;
      y += DIVIDER;
    }
    const top = y;
    const isHeaded = group.to - group.from > 1;
    if (isHeaded) y += HEADING;
    rows(group.from, group.to);
    sections.push({ ...group, isHeaded, top, height: y - top });
    if (isHeaded) y += AFTER;
  }
  if (order.groups.length === 0) rows(0, order.seqs.length);
  return { order, tops, sections, divider, height: y };
}

/** How high the row at this place is. */
export function heightAt(order: Order, place: number): number {
  return order.follows[place] === 1 ? FOLLOWING : ROW;
}

/** How many rows are drawn for a window of this height: whatever it shows, there are some above and below. */
export function rowsDrawn(height: number): number {
  return Math.ceil((height / FOLLOWING + 1) / RUN) * RUN + 3 * RUN;
}

/** The rows that a window of this height at `top` shows, and some around them: always as many, as far as the list goes. */
export function rowsInSight({ tops }: Layout, top: number, height: number): Span {
  const first = placeAt(tops.length, (at) => tops[at] ?? 0, top);
  const from = Math.max(0, Math.floor(first / RUN) * RUN - RUN);
  return { from, to: Math.min(tops.length, from + rowsDrawn(height)) };
}

/**
 * Which element shows which row, of so many elements: one that showed it before goes on to, however the list has changed,
 * and those that are left over show what is new.
 */
export function assignSlots(before: KeptSlots, seqs: readonly number[], count: number): Map<number, number> {
  const slots = new Map<number, number>();
  const free = new Set(Array.from({ length: count }, (_, slot) => slot));
  for (const seq of seqs) {
    const slot = before.get(seq);
    if (slot !== undefined && free.delete(slot)) slots.set(seq, slot);
  }
  const rest = free.values();
  for (const seq of seqs) if (!slots.has(seq)) slots.set(seq, rest.next().value ?? count);
  return slots;
}

/** The sections that a window of this height at `top` shows a part of. */
export function sectionsInSight({ sections }: Layout, top: number, height: number): Section[] {
  const topOf = (at: number) => sections[at]?.top ?? 0;
  const first = placeAt(sections.length, topOf, top);
  return sections.slice(Math.max(first, 0), placeAt(sections.length, topOf, top + height) + 1);
}

/** The section that the row at this place stands in, if there are any. */
export function sectionAt({ sections }: Layout, place: number): Section | undefined {
  return sections[placeAt(sections.length, (at) => sections[at]?.from ?? 0, place)];
}

/** The element of one row, or of a heading's group and of those of its rows that are drawn. */
export interface Reading {
  id: string;
  section: Section | null;
  rows: string[];
}

/** In which order the rows at these places are read: an app's under its name, one without a heading by itself. */
export function readingOrder(layout: Layout, places: readonly number[]): Reading[] {
  const { seqs } = layout.order;
  const readings = new Map<string, Reading>();
  for (const place of places.toSorted((a, b) => a - b)) {
    const row = `row-${seqs[place]}`;
    const section = sectionAt(layout, place);
    const id = section?.isHeaded ? `app-${seqs[section.from]}` : row;
    const reading = readings.get(id) ?? { id, section: section?.isHeaded ? section : null, rows: [] };
    reading.rows.push(row);
    readings.set(id, reading);
  }
  return [...readings.values()];
}

/** Where to scroll so that the row at `place` is in sight, moving as little as possible. */
export function reveal(layout: Layout, place: number, top: number, height: number): number {
  const rowTop = layout.tops[place] ?? 0;
  const hidden = sectionAt(layout, place)?.isHeaded ? HEADING : 0;
  if (rowTop - hidden < top) return Math.max(0, rowTop - hidden);
  const bottom = rowTop + heightAt(layout.order, place);
  return bottom > top + height ? bottom - height : top;
}

/** What the eyes are on: the chosen row if it is in sight, then every row that is. */
export function anchors(layout: Layout, top: number, height: number, chosen: number | null): Anchor[] {
  const { tops, order } = layout;
  const inSight: Anchor[] = [];
  const first = Math.max(
    placeAt(tops.length, (at) => tops[at] ?? 0, top),
    0,
  );
  for (let at = first; at < tops.length && (tops[at] ?? 0) < top + height; at += 1) {
    const seq = order.seqs[at];
    if (seq !== undefined) inSight.push({ seq, below: (tops[at] ?? 0) - top, later: at >= order.laterFrom });
  }
  const eyes = inSight.find(({ seq }) => seq === chosen);
  return eyes ? [eyes, ...inSight] : inSight;
}

/**
 * Where to scroll so that the first of these that is still there stays where it was; null if none is. The eyes do not
 * follow what goes to what was put off, or comes back from it.
 */
export function keepInPlace({ order, tops, height }: Layout, eyes: Anchor[], view: number): number | null {
  for (const { seq, below, later } of eyes) {
    const place = order.seqs.indexOf(seq);
    if (place >= 0 && place >= order.laterFrom === later)
      return Math.min(Math.max((tops[place] ?? 0) - below, 0), Math.max(height - view, 0));
  }
  return null;
}

/** The last of `length` ascending places that lies at or above `y`; −1 if none does. */
function placeAt(length: number, topOf: (at: number) => number, y: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (topOf(middle) <= y) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
